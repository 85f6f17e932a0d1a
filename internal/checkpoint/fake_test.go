package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
)

var errDisk = errors.New("disk is full")

// fake is a storage extension and its client, with values that outlive the client and errors by script.
type fake struct {
	component.StartFunc
	component.ShutdownFunc

	values  map[string][]byte
	fail    func(ops []*storage.Operation) error // asked before each Batch
	late    error                                // returned by the next Batch although it was done
	clients int
	id      component.ID
	name    string
	closed  bool
	batches [][]string // the operations of each Batch: "get k", "set k", "delete k"
}

func newFake() *fake { return &fake{values: map[string][]byte{}} }

func (f *fake) GetClient(_ context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	if kind != component.KindReceiver {
		return nil, errors.New("not a receiver")
	}
	f.clients++
	f.id, f.name, f.closed = id, name, false
	return f, nil
}

func (f *fake) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := f.Batch(ctx, op)
	return op.Value, err
}

func (*fake) Set(context.Context, string, []byte) error { panic("a write that is not a Batch") }
func (*fake) Delete(context.Context, string) error      { panic("a write that is not a Batch") }
func (f *fake) Close(context.Context) error             { f.closed = true; return nil }
func (f *fake) kept(n int) []byte                       { return f.values[badKey(testKey, n)] }
func (f *fake) failOn(t storage.OpType, key string)     { f.fail = failOn(t, key) }

func (f *fake) Batch(_ context.Context, ops ...*storage.Operation) error {
	if f.closed {
		panic("used after Close")
	}
	f.batches = append(f.batches, describe(ops))
	if f.fail != nil {
		if err := f.fail(ops); err != nil {
			return err
		}
	}
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value = bytes.Clone(f.values[op.Key])
		case storage.Set:
			f.values[op.Key] = append([]byte{}, op.Value...)
		case storage.Delete:
			delete(f.values, op.Key)
		}
	}
	err := f.late
	f.late = nil
	return err
}

func (f *fake) Walk(_ context.Context, fn storage.WalkFunc) error {
	if f.fail != nil {
		if err := f.fail(nil); err != nil {
			return err
		}
	}
	for key, value := range maps.Clone(f.values) {
		if _, err := fn(key, value); err != nil {
			return err
		}
	}
	return nil
}

func failOn(t storage.OpType, key string) func([]*storage.Operation) error {
	return func(ops []*storage.Operation) error {
		for _, op := range ops {
			if op.Type == t && op.Key == key {
				return errDisk
			}
		}
		return nil
	}
}

func describe(ops []*storage.Operation) []string {
	words := map[storage.OpType]string{storage.Get: "get ", storage.Set: "set ", storage.Delete: "delete "}
	said := make([]string, len(ops))
	for i, op := range ops {
		said[i] = words[op.Type] + op.Key
	}
	return said
}

// storage opens the fake as a receiver does.
func (f *fake) open(t *testing.T) *Storage {
	t.Helper()
	id := component.MustNewID("fake")
	s, err := OpenStorage(t.Context(), hostWith(id, f), &id, component.MustNewID("some"))
	require.NoError(t, err)
	return s
}

// host is a collector with one extension.
type host struct {
	component.Host
	extensions map[component.ID]component.Component
}

func (h host) GetExtensions() map[component.ID]component.Component { return h.extensions }

func hostWith(id component.ID, extension component.Component) component.Host {
	return host{Host: componenttest.NewNopHost(), extensions: map[component.ID]component.Component{id: extension}}
}

const testKey = "v1/events/4c0e"

// position is a stream's position, as a test has it.
type position struct {
	At    string
	Parts map[string]string
}

// codecV2 writes version 2, and reads version 1, which had no head.
func codecV2() Codec[position] {
	return Codec[position]{
		Encode: func(p position) (Record, error) {
			if p.At == "unspeakable" {
				return Record{}, errors.New("cannot be encoded")
			}
			r := Record{Version: 2, Head: []byte(p.At), Parts: map[string][]byte{}}
			for name, part := range p.Parts {
				r.Parts[name] = []byte(part)
			}
			return r, nil
		},
		Decode: func(r Record) (position, error) {
			if r.Version == 0 || r.Version > 2 {
				return position{}, errors.New("version of the future")
			}
			p := position{At: string(r.Head), Parts: map[string]string{}}
			for name, part := range r.Parts {
				p.Parts[name] = string(part)
			}
			return p, nil
		},
	}
}

func at(s string, parts ...string) position {
	p := position{At: s, Parts: map[string]string{}}
	for i := 0; i < len(parts); i += 2 {
		p.Parts[parts[i]] = parts[i+1]
	}
	return p
}

func coldStart() position { return at("cold") }

func never(t *testing.T) func() position {
	return func() position { t.Error("a cold start"); return position{} }
}

// proof is a real one: of a batch without records.
func proof(t *testing.T, p position) sender.Settled[position] {
	t.Helper()
	chain := sender.NewSender(sender.Settings{})
	settled, err := sender.Send(t.Context(), chain, sender.Request[position]{Position: p})
	require.NoError(t, err)
	return settled
}

func open(t *testing.T, s *Storage, cold func() position) (*Store[position], Opened[position]) {
	t.Helper()
	store, opened, err := Open(t.Context(), s, testKey, codecV2(), cold)
	require.NoError(t, err)
	return store, opened
}

func commit(t *testing.T, s *Store[position], p position) {
	t.Helper()
	require.NoError(t, s.Commit(t.Context(), proof(t, p)))
}

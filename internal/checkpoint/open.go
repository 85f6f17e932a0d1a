package checkpoint

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// Opened is what Open found.
type Opened[P any] struct {
	Position P
	Origin   Origin
	Err      error // why the record is damaged
}

// Open reads the record of a key. Where there is none, or one that cannot be read, the record of a cold start is written before
// Open returns. An error is one of the storage, never of the record: the caller tries again.
func Open[P any](ctx context.Context, s *Storage, key string, codec Codec[P], cold func() P) (*Store[P], Opened[P], error) {
	if err := checkKey(key); err != nil {
		return nil, Opened[P]{}, err
	}
	store := &Store[P]{client: s.client, key: key, codec: codec}
	found, err := fetch(ctx, s.client, key)
	if err != nil {
		return nil, Opened[P]{}, fmt.Errorf("read checkpoint %q: %w", key, err)
	}
	if store.ring, err = openRing(ctx, s.client, key); err != nil {
		return nil, Opened[P]{}, fmt.Errorf("read dead letters of checkpoint %q: %w", key, err)
	}
	opened, err := store.open(ctx, found, cold)
	if err != nil {
		return nil, Opened[P]{}, fmt.Errorf("start checkpoint %q: %w", key, err)
	}
	return store, opened, nil
}

// open decodes what was found, or starts cold.
func (s *Store[P]) open(ctx context.Context, found stored, cold func() P) (Opened[P], error) {
	s.parts = found.envelope.parts
	if found.head == nil {
		position := cold()
		return Opened[P]{Position: position, Origin: Cold}, s.write(ctx, position)
	}
	record, damage := found.record()
	if damage == nil {
		position, err := s.codec.Decode(record)
		if err == nil {
			return Opened[P]{Position: position, Origin: Resumed}, nil
		}
		damage = fmt.Errorf("decode version %d: %w", record.Version, err)
	}
	return s.replace(ctx, found, damage, cold())
}

// replace keeps a damaged record aside and writes that of a cold start, in one Batch.
func (s *Store[P]) replace(ctx context.Context, found stored, damage error, position P) (Opened[P], error) {
	if err := s.adopt(ctx); err != nil {
		return Opened[P]{}, err
	}
	ops, err := keep(ctx, s.client, s.key, found.raw())
	if err != nil {
		return Opened[P]{}, err
	}
	opened := Opened[P]{
		Position: position,
		Origin:   Damaged,
		Err:      fmt.Errorf("checkpoint %q is damaged: %w", s.key, damage),
	}
	return opened, s.write(ctx, position, ops...)
}

// adopt takes over the parts that lie in storage, so that the next write replaces or deletes them: a damaged head may not name
// them, and nothing else ever would. A client that cannot list its keys leaves them there.
func (s *Store[P]) adopt(ctx context.Context) error {
	walker, ok := s.client.(storage.Walker)
	if !ok {
		return nil
	}
	parts := map[string]sum{}
	err := walker.Walk(ctx, func(key string, _ []byte) ([]*storage.Operation, error) {
		if name, ok := strings.CutPrefix(key, partKey(s.key, "")); ok {
			parts[name] = sum{}
		}
		return nil, nil
	})
	if err != nil {
		return fmt.Errorf("look for parts of a damaged record: %w", err)
	}
	s.parts = parts
	return nil
}

// stored is a record as it lies in storage.
type stored struct {
	head     []byte // nil: there is none
	envelope envelope
	damage   error             // of the head
	parts    map[string][]byte // those that the head names; nil where one is missing
}

// fetch reads a record. Its error is one of the storage alone.
func fetch(ctx context.Context, client storage.Client, key string) (stored, error) {
	head, err := client.Get(ctx, key)
	if err != nil || head == nil {
		return stored{}, err
	}
	f := stored{head: head, parts: map[string][]byte{}}
	if f.envelope, f.damage = decodeEnvelope(head); f.damage != nil {
		return f, nil
	}
	names := slices.Sorted(maps.Keys(f.envelope.parts))
	gets := make([]*storage.Operation, len(names))
	for i, name := range names {
		gets[i] = storage.GetOperation(partKey(key, name))
	}
	if len(gets) > 0 {
		err = client.Batch(ctx, gets...)
	}
	for i, name := range names {
		f.parts[name] = gets[i].Value
	}
	return f, err
}

// record checks the parts against the head: parts of another commit than the head's are no record.
func (f stored) record() (Record, error) {
	if f.damage != nil {
		return Record{}, f.damage
	}
	for _, name := range slices.Sorted(maps.Keys(f.parts)) {
		switch part := f.parts[name]; {
		case sumOf(part) == f.envelope.parts[name]: // first, as a storage may give nil for an empty value
		case part == nil:
			return Record{}, fmt.Errorf("part %q is missing", name)
		default:
			return Record{}, fmt.Errorf("part %q: %w", name, errChecksum)
		}
	}
	return Record{Version: f.envelope.version, Head: f.envelope.head, Parts: f.parts}, nil
}

// raw is the head, and after it the parts in the order in which it names them, as far as there are any.
func (f stored) raw() []byte {
	raw := slices.Clone(f.head)
	for _, name := range slices.Sorted(maps.Keys(f.parts)) {
		raw = append(raw, f.parts[name]...)
	}
	return raw
}

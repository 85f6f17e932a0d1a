package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/extension/xextension/storage"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
)

// ErrNoProof is the refusal to commit a batch that was not settled.
var ErrNoProof = errors.New("commit without the proof of a settled batch")

// Store is the record of one stream. One goroutine owns it.
type Store[P any] struct {
	client storage.Client
	key    string
	codec  Codec[P]
	parts  map[string]sum // as they lie in storage; the zero sum where that is not known
	ring   ring           // the dead letters in storage
	told   uint64         // letters before it are told, which ring may not say yet
	date   time.Time      // for letters that have none yet
}

// Commit stores the position of a settled batch and its dead letters, in one Batch. After an error nobody knows what is stored;
// the caller tries again until it works, and delivers nothing meanwhile.
func (s *Store[P]) Commit(ctx context.Context, proof sender.Settled[P]) error {
	if !proof.Valid() {
		return fmt.Errorf("checkpoint %q: %w", s.key, ErrNoProof)
	}
	ring, ops := s.bury(proof.Letters())
	if err := s.write(ctx, proof.Position(), ops...); err != nil {
		return fmt.Errorf("write checkpoint %q: %w", s.key, err)
	}
	s.ring = ring
	return nil
}

// bury gives the ring with more letters, and the operations that make it so. Those of a Batch that failed are the same again.
//
// Letters keep the date of the first commit that had one until all of them are told: a record that tells of one may have been
// accepted before a kill, and comes again with the same bytes.
func (s *Store[P]) bury(letters []sender.Letter) (ring, []*storage.Operation) {
	next := s.ring
	next.Told = max(next.Told, s.told)
	untold := next.Told < next.Next
	if !untold {
		next.Date = time.Time{}
	}
	if next.Date.IsZero() && (untold || len(letters) > 0) {
		next.Date = s.date
	}
	if len(letters) == 0 && next.Told == s.ring.Told && next.Date.Equal(s.ring.Date) {
		return s.ring, nil
	}
	return next.add(s.key, letters)
}

// write stores a position, and whatever else belongs into the same Batch.
func (s *Store[P]) write(ctx context.Context, position P, also ...*storage.Operation) error {
	record, err := s.codec.Encode(position)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	parts := make(map[string]sum, len(record.Parts))
	for name, part := range record.Parts {
		parts[name] = sumOf(part)
	}
	head := envelope{version: record.Version, head: record.Head, parts: parts}.encode()
	ops := append(also, s.changes(record.Parts, parts)...)
	if err := s.client.Batch(ctx, append(ops, storage.SetOperation(s.key, head))...); err != nil {
		s.doubt(parts)
		return err
	}
	s.parts = parts
	return nil
}

// changes writes the parts that are not in storage as they should be, and deletes those that are there no longer.
func (s *Store[P]) changes(values map[string][]byte, parts map[string]sum) []*storage.Operation {
	var ops []*storage.Operation
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		if _, stays := parts[name]; !stays {
			ops = append(ops, storage.DeleteOperation(partKey(s.key, name)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if known, ok := s.parts[name]; !ok || known != parts[name] {
			ops = append(ops, storage.SetOperation(partKey(s.key, name), values[name]))
		}
	}
	return ops
}

// doubt is after a failed Batch, which may have been done in part or in full: every part that could be in storage is written
// or deleted by the next one.
func (s *Store[P]) doubt(attempted map[string]sum) {
	doubtful := make(map[string]sum, len(s.parts)+len(attempted))
	for _, names := range []map[string]sum{s.parts, attempted} {
		for name := range names {
			doubtful[name] = sum{}
		}
	}
	s.parts = doubtful
}

const partSegment = "part"

func partKey(key, name string) string { return key + "/" + partSegment + "/" + name }

// checkKey refuses a key whose record could be taken for a part of another one.
func checkKey(key string) error {
	if key == "" || slices.Contains(strings.Split(key, "/"), partSegment) {
		return fmt.Errorf("checkpoint %q: not a key for a record", key)
	}
	return nil
}

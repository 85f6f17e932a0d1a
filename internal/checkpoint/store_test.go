package checkpoint

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
)

func TestNothingIsCommittedWithoutAProof(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	batches := len(f.batches)
	var zero sender.Settled[position]
	require.ErrorIs(t, store.Commit(t.Context(), zero), ErrNoProof)
	assert.Len(t, f.batches, batches)
}

func TestACommitIsOneBatchOfTheHeadAndWhatChanged(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	part := func(name string) string { return testKey + "/part/" + name }
	steps := []struct {
		to   position
		want []string
	}{
		{at("one", "a", "1", "b", "2"), []string{"set " + part("a"), "set " + part("b"), "set " + testKey}},
		{at("two", "a", "1", "b", "2"), []string{"set " + testKey}},
		{at("three", "a", "1", "b", "3", "c", ""), []string{"set " + part("b"), "set " + part("c"), "set " + testKey}},
		{at("four", "c", ""), []string{"delete " + part("a"), "delete " + part("b"), "set " + testKey}},
	}
	for _, step := range steps {
		f.batches = nil
		commit(t, store, step.to)
		assert.Equal(t, [][]string{step.want}, f.batches)
	}
	store, opened := open(t, f.open(t), never(t))
	assert.Equal(t, at("four", "c", ""), opened.Position)
	f.batches = nil
	commit(t, store, at("five", "c", ""))
	assert.Equal(t, [][]string{{"set " + testKey}}, f.batches, "what was read need not be written again")
}

// A codec may use its buffers again: what was written is known by its checksum, not by the codec's own bytes.
func TestAPartChangedInPlaceIsWritten(t *testing.T) {
	f := newFake()
	buffer := []byte("1")
	codec := codecV2()
	codec.Encode = func(p position) (Record, error) {
		return Record{Version: 2, Head: []byte(p.At), Parts: map[string][]byte{"a": buffer}}, nil
	}
	store, _, err := Open(t.Context(), f.open(t), testKey, codec, coldStart)
	require.NoError(t, err)
	buffer[0] = '2'
	commit(t, store, at("one"))
	assert.Equal(t, "2", string(f.values[partKey(testKey, "a")]))
}

// A full disk: the commit is tried until it works, and then everything is in storage.
func TestAFailedCommitCanBeTriedAgain(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	f.failOn(storage.Set, testKey)
	settled := proof(t, at("one", "a", "1"))
	for range 3 {
		err := store.Commit(t.Context(), settled)
		require.ErrorIs(t, err, errDisk)
		require.ErrorContains(t, err, testKey)
	}
	f.fail = nil
	require.NoError(t, store.Commit(t.Context(), settled))
	_, opened := open(t, f.open(t), never(t))
	assert.Equal(t, at("one", "a", "1"), opened.Position)
}

// A commit that failed may have been done all the same: a part that it deleted must be written again when it comes back.
func TestACommitThatFailedAfterTheFactLeavesNoHole(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	commit(t, store, at("one", "a", "1"))
	f.late = errDisk
	require.ErrorIs(t, store.Commit(t.Context(), proof(t, at("two", "b", "2"))), errDisk)
	commit(t, store, at("three", "a", "1"))
	_, opened := open(t, f.open(t), never(t))
	assert.Equal(t, at("three", "a", "1"), opened.Position)
	assert.NotContains(t, f.values, partKey(testKey, "b"))
}

func TestAPositionThatCannotBeEncodedIsNotCommitted(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	require.ErrorContains(t, store.Commit(t.Context(), proof(t, at("unspeakable"))), "cannot be encoded")
	_, opened := open(t, f.open(t), never(t))
	assert.Equal(t, coldStart(), opened.Position)
}

// Commits at random on a storage that fails at random, before and after the fact, with kills between them: a restart finds the
// last commit that worked, or one that failed after it; never a mixture, never nothing.
func TestAnyRunOfFailuresLeavesAWholeRecord(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	possible := []position{coldStart()}
	for range 2000 {
		p := position{At: string(rune('a' + r.IntN(26))), Parts: map[string]string{}}
		for _, name := range []string{"x", "y", "z"} {
			if r.IntN(2) == 0 {
				p.Parts[name] = string(rune('0' + r.IntN(2)))
			}
		}
		before := r.IntN(4) == 0
		f.fail = func([]*storage.Operation) error {
			if before {
				return errDisk
			}
			return nil
		}
		if r.IntN(4) == 0 {
			f.late = errDisk
		}
		if store.Commit(t.Context(), proof(t, p)) == nil {
			possible = nil
		}
		possible = append(possible, p)
		f.fail, f.late = nil, nil
		if r.IntN(5) == 0 {
			var opened Opened[position]
			store, opened = open(t, f.open(t), never(t))
			require.Contains(t, possible, opened.Position)
			possible = []position{opened.Position}
		}
	}
}

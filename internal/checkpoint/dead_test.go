package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/plog"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
)

// refused is a real proof of a batch that was refused for good: a letter for each body.
func refused(t *testing.T, p position, bodies ...string) sender.Settled[position] {
	t.Helper()
	next, err := consumer.NewLogs(func(context.Context, plog.Logs) error {
		return consumererror.NewPermanent(errors.New("too large"))
	})
	require.NoError(t, err)
	identify := func(log plog.LogRecord) string { return "uid of " + log.Body().Str()[:min(8, len(log.Body().Str()))] }
	chain := sender.NewSender(sender.Settings{Next: next, Drop: true, Identify: identify})
	settled, err := sender.Send(t.Context(), chain, sender.Request[position]{Position: p, Records: len(bodies), Logs: func() plog.Logs {
		logs := plog.NewLogs()
		records := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
		for _, body := range bodies {
			records.AppendEmpty().Body().SetStr(body)
		}
		return logs
	}})
	require.NoError(t, err)
	return settled
}

func lettersOf(t *testing.T, s *Store[position]) (bodies []string) {
	t.Helper()
	letters, err := s.Letters(t.Context())
	require.NoError(t, err)
	for _, l := range letters {
		logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(l.Record)
		require.NoError(t, err)
		bodies = append(bodies, logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body().Str())
		assert.Equal(t, "uid of "+bodies[len(bodies)-1], l.UID)
		assert.Contains(t, l.Reason, "too large")
		assert.WithinDuration(t, time.Now(), l.Time, time.Minute)
	}
	return bodies
}

// A kill between the position and its letters would lose what they hold.
func TestLettersAreInTheSameBatchAsThePosition(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	f.batches = nil
	require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a", "b")))
	assert.Equal(t, [][]string{{
		"set " + slotKey(testKey, 0), "set " + slotKey(testKey, 1), "set " + deadKey(testKey), "set " + testKey,
	}}, f.batches)
	f.batches = nil
	commit(t, store, at("two"))
	assert.Equal(t, [][]string{{"set " + testKey}}, f.batches, "what is stored need not be written again")
	store, opened := open(t, f.open(t), never(t))
	assert.Equal(t, at("two"), opened.Position)
	assert.Equal(t, []string{"a", "b"}, lettersOf(t, store))
}

// A commit that failed, perhaps after the fact, is tried again: each letter is there once.
func TestAFailedCommitKeepsEachLetterOnce(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a")))
	settled := refused(t, at("two"), "b", "c")
	f.late = errDisk
	require.ErrorIs(t, store.Commit(t.Context(), settled), errDisk)
	f.fail = func([]*storage.Operation) error { return errDisk }
	require.ErrorIs(t, store.Commit(t.Context(), settled), errDisk)
	f.fail = nil
	require.NoError(t, store.Commit(t.Context(), settled))
	assert.Equal(t, []string{"a", "b", "c"}, lettersOf(t, store))
}

// A record that tells of a letter may have been accepted before a kill: the letter keeps the date that it was told with, until that is
// stored.
func TestALetterKeepsItsDate(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	one, two := time.Unix(1, 0).UTC(), time.Unix(2, 0).UTC()
	require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a")))
	assert.Zero(t, store.Dated(), "nothing was accepted yet")
	store.Date(one)
	commit(t, store, at("two"))
	store, _ = open(t, f.open(t), never(t))
	store.Date(two)
	require.NoError(t, store.Commit(t.Context(), refused(t, at("three"), "b")))
	assert.Equal(t, one, store.Dated(), "also with another letter")

	_, to, err := store.Untold(t.Context(), 100)
	require.NoError(t, err)
	store.Tell(to)
	commit(t, store, at("four"))
	require.NoError(t, store.Commit(t.Context(), refused(t, at("five"), "c")))
	assert.Equal(t, two, store.Dated())
}

func TestTheOldestLettersGiveWay(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	var want []string
	for i := range 27 {
		var bodies []string
		for j := range 100 {
			bodies = append(bodies, fmt.Sprint(100*i+j))
		}
		require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), bodies...)))
		want = append(want, bodies...)
	}
	assert.Equal(t, want[len(want)-ringSlots:], lettersOf(t, store))
	assert.Equal(t, 1700, store.Dropped())
	keys := 0
	for key := range f.values {
		if strings.HasPrefix(key, deadKey(testKey)+"/") {
			keys++
		}
	}
	assert.Equal(t, ringSlots, keys)
	store, _ = open(t, f.open(t), never(t))
	assert.Equal(t, want[len(want)-ringSlots:], lettersOf(t, store))
	assert.Equal(t, 1700, store.Dropped())
}

// Few letters may be large too. A record beyond all bounds is left out of its letter, not the letter of the ring.
func TestTheRingIsBoundedInBytes(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	for i := range 40 {
		body := string(bytes.Repeat([]byte{byte('a' + i%26)}, 300<<10))
		require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), body)))
	}
	size, keys := 0, 0
	for key, value := range f.values {
		if strings.HasPrefix(key, deadKey(testKey)+"/") {
			size, keys = size+len(value), keys+1
		}
	}
	assert.LessOrEqual(t, size, ringBytes)
	assert.Equal(t, 13, keys)
	assert.Equal(t, 27, store.Dropped())

	require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), strings.Repeat("z", maxLetter))))
	letters, err := store.Letters(t.Context())
	require.NoError(t, err)
	assert.Len(t, letters, 14)
	assert.Empty(t, letters[13].Record)
	assert.Equal(t, "uid of zzzzzzzz", letters[13].UID)
}

// What is told is told once, also across a restart; what was not told before a kill is told after it.
func TestLettersAreToldOnce(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a", "b", "c")))
	untold := func(limit int) (uids []string, to uint64) {
		letters, to, err := store.Untold(t.Context(), limit)
		require.NoError(t, err)
		for _, l := range letters {
			uids = append(uids, l.UID)
		}
		return uids, to
	}
	store, _ = open(t, f.open(t), never(t))
	uids, to := untold(2)
	assert.Equal(t, []string{"uid of a", "uid of b"}, uids)
	store.Tell(to)
	commit(t, store, at("two"))
	store, _ = open(t, f.open(t), never(t))
	uids, to = untold(100)
	assert.Equal(t, []string{"uid of c"}, uids)
	store.Tell(to)
	commit(t, store, at("three"))
	f.batches = nil
	commit(t, store, at("four"))
	assert.Equal(t, [][]string{{"set " + testKey}}, f.batches)
	uids, _ = untold(100)
	assert.Empty(t, uids)
}

// A position may be called after a number, as in a replay: its letters must not lie where another's do.
func TestLettersOfAPositionThatIsCalledANumber(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a", "b", "c")))
	second, _, err := Open(t.Context(), f.open(t), testKey+"/1", codecV2(), coldStart)
	require.NoError(t, err)
	require.NoError(t, second.Commit(t.Context(), refused(t, at("one"), "d")))
	assert.Equal(t, []string{"d"}, lettersOf(t, second))
	assert.Equal(t, []string{"a", "b", "c"}, lettersOf(t, store))
}

// A damaged letter costs itself; a damaged list costs which are told. Neither stops the stream.
func TestDamagedLetters(t *testing.T) {
	damages := map[string]func([]byte) []byte{
		"empty":   func([]byte) []byte { return []byte{} },
		"garbage": func([]byte) []byte { return []byte("garbage") },
		"a bit":   func(v []byte) []byte { return flip(v, len(v)/2, 1) },
		"cut":     func(v []byte) []byte { return v[:len(v)-3] },
		"gone":    func([]byte) []byte { return nil },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			store, _ := open(t, f.open(t), coldStart)
			require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a", "b", "c")))
			f.values[slotKey(testKey, 1)] = damage(f.values[slotKey(testKey, 1)])
			store, opened := open(t, f.open(t), never(t))
			assert.Equal(t, Resumed, opened.Origin)
			assert.Equal(t, []string{"a", "c"}, lettersOf(t, store))
			if name == "gone" {
				return
			}
			f.values[deadKey(testKey)] = damage(f.values[deadKey(testKey)])
			store, opened = open(t, f.open(t), never(t))
			assert.Equal(t, at("one"), opened.Position)
			assert.Equal(t, []string{"a", "c"}, lettersOf(t, store))
			require.NoError(t, store.Commit(t.Context(), refused(t, at("two"), "d")))
			assert.Equal(t, []string{"a", "c", "d"}, lettersOf(t, store))
		})
	}
}

// A ring whose list was damaged after it had gone round.
func TestADamagedListOfAFullRing(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	for i := range 1300 {
		require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), fmt.Sprint(i))))
	}
	want := lettersOf(t, store)
	f.values[deadKey(testKey)] = []byte("garbage")
	store, _ = open(t, f.open(t), never(t))
	assert.Equal(t, want, lettersOf(t, store))
	require.NoError(t, store.Commit(t.Context(), refused(t, at("two"), "last")))
	assert.Equal(t, append(want[1:], "last"), lettersOf(t, store))
}

// A storage that cannot be read is an error, which the caller outlasts; it must not pass for a ring without letters.
func TestLettersThatCannotBeReadAreAnError(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a")))
	f.failOn(storage.Get, deadKey(testKey))
	_, _, err := Open(t.Context(), f.open(t), testKey, codecV2(), never(t))
	require.ErrorIs(t, err, errDisk)
	f.failOn(storage.Get, slotKey(testKey, 0))
	_, err = store.Letters(t.Context())
	require.ErrorIs(t, err, errDisk)
}

func TestFileStorageKeepsLetters(t *testing.T) {
	folder, receiver := t.TempDir(), component.MustNewID("some")
	host, id := files(t, folder)
	s, err := OpenStorage(t.Context(), host, id, receiver)
	require.NoError(t, err)
	store, _ := open(t, s, coldStart)
	require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a", "b")))
	require.NoError(t, s.Close(t.Context()))
	s, err = OpenStorage(t.Context(), host, id, receiver)
	require.NoError(t, err)
	store, _ = open(t, s, never(t))
	assert.Equal(t, []string{"a", "b"}, lettersOf(t, store))
	require.NoError(t, s.Close(t.Context()))
}

package inventory

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const page = 500 // objects in an answer

var root = objectSet("enter", "Folder", "group-d1", text("name", "Datacenters"))

// fleet answers with n virtual machines, in parts.
func fleet(n int, answers func(part int, body []byte)) {
	for from := 0; from < n; from += page {
		sets := []string{root}
		for i := from; i < min(n, from+page); i++ {
			sets = append(sets, machine(i))
		}
		answers(from/page, answer(fmt.Sprint(from), from+page < n, sets...))
	}
}

func synced(t testing.TB, n int) (*Cache, time.Duration, int) {
	t.Helper()
	c, f, spent, size := NewCache("uuid"), newFlattener(), time.Duration(0), 0
	var parts []updateSet
	fleet(n, func(_ int, body []byte) {
		size += len(body)
		begun := time.Now()
		part, err := decode(body, f)
		spent += time.Since(begun)
		require.NoError(t, err)
		parts = append(parts, part)
	})
	begun := time.Now()
	_, err := c.apply(parts, time.Now(), places{root: "group-d1"}, true)
	require.NoError(t, err)
	return c, spent + time.Since(begun), size
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// The goal is 6 KiB for each virtual machine, at 10,000: what all of them share weighs less there. See BenchmarkFirstSync.
func TestTheCacheIsSmall(t *testing.T) {
	const n = 1000
	before := heap()
	c, spent, size := synced(t, n)
	held := heap() - before
	perVM := float64(held) / n / 1024
	t.Logf("%d VMs, %d bytes of XML each, %d properties each: %.2f KiB each in the cache; read and applied in %v",
		n, size/n, len(c.Snapshot().get("vm-77").names), perVM, spent)
	assert.Less(t, perVM, 6.0)

	s, total := NewState(tracks(t)).Baseline(c.Snapshot()), 0
	for _, part := range s.encoded {
		total += len(part)
	}
	t.Logf("state: %.2f KiB each; with it in memory %.2f KiB each", float64(total)/n/1024, float64(heap()-before)/n/1024)
	assert.Less(t, float64(total)/n/1024, 3.0, "at 10,000, a change rewrites 1/256 of that")
	runtime.KeepAlive(c)
	runtime.KeepAlive(s)
}

// One change in 10,000 virtual machines costs what a shard costs.
func BenchmarkOneChange(b *testing.B) {
	c, _, _ := synced(b, 10_000)
	tracking, _ := NewTracking(nil)
	s := NewState(tracking).Baseline(c.Snapshot())
	f, n := newFlattener(), 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		part, err := decode(answer("v", false, objectSet("modify", "VirtualMachine", "vm-77", text("name", fmt.Sprint("n", n)))), f)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.apply([]updateSet{part}, time.Now(), places{root: "group-d1"}, false); err != nil {
			b.Fatal(err)
		}
		deltas, next := s.Compare("uuid", c.Snapshot())
		s = next.With(deltas...)
	}
}

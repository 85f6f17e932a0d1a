package dedup

import (
	"testing"
	"time"
)

// 1,000 keys a second, one after the other: a busy vCenter.
func BenchmarkMarkHasSequential(b *testing.B) {
	w := NewWindow(1_000_000)
	b.ReportAllocs()
	id := int64(0)
	for b.Loop() {
		k := Key{ID: id, Created: noon.Add(time.Duration(id) * time.Millisecond)}
		if w.Has(k) {
			b.Fatal("marked already")
		}
		w.Mark(k)
		id++
	}
}

// A filter that leaves every third key, over ten minutes.
func BenchmarkEncodeMillionSparse(b *testing.B) {
	w := NewWindow(1_000_000)
	for i := range int64(1_000_000) {
		w.Mark(Key{ID: 3 * i, Created: noon.Add(time.Duration(i) * 600 * time.Microsecond)})
	}
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		size = 0
		for _, c := range w.chunks {
			c.encoded = nil
			size += len(c.bytes())
		}
	}
	b.ReportMetric(float64(size)/1e6, "B/key")
}

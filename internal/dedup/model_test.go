package dedup

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// model is what a window is measured by: every key in a plain map.
type model map[int64]map[int64][]marked // minute → ID

type marked struct {
	millis int64
	held   bool // by another key of that ID, less than a second away: its own second does not count
}

func minuteOf(millis int64) int64 { return int64(math.Floor(float64(millis) / minuteMillis)) }

func (m model) mark(id int64, k marked) {
	minute := minuteOf(k.millis)
	if m[minute] == nil {
		m[minute] = map[int64][]marked{}
	}
	m[minute][id] = append(m[minute][id], k)
}

func (k marked) near(millis int64) bool { return max(k.millis-millis, millis-k.millis) <= tolerance }

// must reports whether the window has to find a key: it was marked within a second of that time.
func (m model) must(id, millis int64) bool {
	for _, chunk := range m {
		for _, k := range chunk[id] {
			if k.near(millis) && (!k.held || k.millis == millis) {
				return true
			}
		}
	}
	return false
}

// may reports whether the window is allowed to find a key: its ID was marked within a second and the span of a run, and
// something of that minute was within a second.
func (m model) may(id, millis int64) bool {
	for _, chunk := range m {
		claimed := slices.ContainsFunc(chunk[id], func(k marked) bool {
			return max(k.millis-millis, millis-k.millis) <= tolerance+mostSpan
		})
		if !claimed {
			continue
		}
		for _, keys := range chunk {
			if slices.ContainsFunc(keys, func(k marked) bool { return k.near(millis) }) {
				return true
			}
		}
	}
	return false
}

// script drives a window and the model by the same choices and compares them at each step.
type script struct {
	t      testing.TB
	window *Window
	model  model
}

func newScript(t testing.TB) *script {
	return &script{t: t, window: NewWindow(math.MaxInt32), model: model{}}
}

func (s *script) key(id, millis int64) Key { return Key{ID: id, Created: time.UnixMilli(millis)} }

func (s *script) mark(id, millis int64) {
	before := s.window.Len()
	s.window.Mark(s.key(id, millis))
	s.model.mark(id, marked{millis: millis, held: s.window.Len() == before})
	require.True(s.t, s.window.Has(s.key(id, millis)), "marked: id %d at %d", id, millis)
}

func (s *script) ask(id, millis int64) {
	if s.window.Has(s.key(id, millis)) {
		require.True(s.t, s.model.may(id, millis), "never marked near: id %d at %d", id, millis)
	} else {
		require.False(s.t, s.model.must(id, millis), "marked near: id %d at %d", id, millis)
	}
}

func (s *script) prune(millis int64) {
	s.window.Prune(time.UnixMilli(millis))
	for minute := range s.model {
		if (minute+1)*minuteMillis <= millis-tolerance {
			delete(s.model, minute)
		}
	}
}

// restart replaces the window by what it encodes to, which has to be the same one.
func (s *script) restart() {
	decoded, err := DecodeWindow(math.MaxInt32, encoded(s.window))
	require.NoError(s.t, err)
	require.Equal(s.t, s.window.Len(), decoded.Len())
	for i, c := range s.window.chunks {
		require.Equal(s.t, c.layers, decoded.chunks[i].layers)
	}
	s.window = decoded
}

// check asks for everything that was marked.
func (s *script) check() {
	for _, chunk := range s.model {
		for id, keys := range chunk {
			for _, k := range keys {
				require.True(s.t, s.window.Has(s.key(id, k.millis)), "lost: id %d at %d", id, k.millis)
			}
		}
	}
	s.shape()
}

// shape checks what the window relies on: layers of ascending runs that share no ID, and the number of keys.
func (s *script) shape() {
	keys := 0
	for _, c := range s.window.chunks {
		require.NotEmpty(s.t, c.layers)
		for _, l := range c.layers {
			require.NotEmpty(s.t, l)
			for i, r := range l {
				keys += int(r.count)
				require.LessOrEqual(s.t, r.oldest, r.newest)
				require.True(s.t, i == 0 || l[i-1].last() < r.first, "runs share an ID")
			}
		}
	}
	require.Equal(s.t, keys, s.window.Len())
}

func TestAWindowIsAsGoodAsAMap(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 60 {
		s := newScript(t)
		origin := r.Int64N(4*minuteMillis) - 2*minuteMillis
		ids, span := 1+r.Int64N(40), 1+r.Int64N(5*minuteMillis)
		next := int64(0)
		for range 300 {
			id, millis := r.Int64N(ids)-ids/2, origin+r.Int64N(span)
			switch n := r.IntN(100); {
			case n < 25:
				s.mark(id, millis)
			case n < 60: // as a vCenter does: one after the other
				next++
				s.mark(next%ids, origin+next*span/300)
			case n < 97:
				s.ask(id, millis)
			case n < 98:
				s.prune(millis)
			default:
				s.restart()
			}
		}
		s.check()
	}
}

func FuzzWindow(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 2, 0, 10, 1, 1, 0, 0})
	f.Add([]byte{0, 1, 0, 0, 0, 1, 0x7f, 0, 0, 2, 0x7f, 1, 3, 0, 0, 0, 1, 1, 0x40, 0})
	f.Add([]byte{0, 255, 0x80, 0, 0, 0, 0x80, 1, 2, 0, 0x7f, 0xff, 3, 0, 0, 0})
	f.Fuzz(func(t *testing.T, ops []byte) {
		s := newScript(t)
		for ; len(ops) >= 4 && len(s.model) < 50; ops = ops[4:] {
			id, millis := int64(int8(ops[1])), int64(int16(binary.BigEndian.Uint16(ops[2:])))*8
			switch ops[0] % 4 {
			case 0:
				s.mark(id, millis)
			case 1:
				s.ask(id, millis)
			case 2:
				s.prune(millis)
			case 3:
				s.restart()
			}
		}
		s.check()
	})
}

func FuzzDecodeWindow(f *testing.F) {
	f.Add(int64(0), []byte{1, 2, 0, 0, 0})
	f.Add(int64(-1), []byte{2, 2, 0, 0, 0, 5, 3, 1, 0, 1, 2, 0, 0x80, 0xf1, 0x04, 0})
	f.Add(int64(1<<40), []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 2, 0, 0, 0})
	f.Fuzz(func(t *testing.T, minute int64, encoded []byte) {
		w, err := DecodeWindow(1000, map[int64][]byte{minute: encoded})
		if err != nil {
			return
		}
		for _, c := range w.chunks {
			c.encoded = nil
			require.Equal(t, encoded, c.bytes(), "there is one encoding of a chunk")
		}
		created := time.UnixMilli(minute * minuteMillis)
		w.Has(Key{ID: int64(len(encoded)), Created: created})
		w.Mark(Key{ID: int64(len(encoded)), Created: created})
		w.Prune(created.Add(time.Hour))
	})
}

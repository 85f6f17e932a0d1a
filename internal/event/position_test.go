package event_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

func TestPlan(t *testing.T) {
	tests := map[string]struct {
		since, readTo, want time.Time
	}{
		"the pin, while nothing was read":     {noon, noon, noon},
		"not before the pin":                  {noon, after(30), noon},
		"the overlap before what was read":    {noon, after(3600), after(3600 - 600)},
		"the beginning of the history":        {time.Time{}, time.Time{}, time.Time{}},
		"from the beginning, after some time": {time.Time{}, noon, after(-600)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := event.Cold("uuid", test.since, noon).Advance(test.readTo)
			assert.Equal(t, test.want, p.Begin(10*time.Minute))
		})
	}
}

func TestPositionNeverGoesBackByItself(t *testing.T) {
	p := event.Cold("uuid", noon, noon).Advance(after(60))
	assert.Equal(t, after(60), p.Advance(after(30)).ReadTo)
}

// A position in the future would ask for nothing until vCenter's clock has caught up.
func TestClockSetBack(t *testing.T) {
	p := event.Cold("uuid", noon, noon).Advance(after(60))
	assert.False(t, p.AheadOf(after(58)), "the clock is measured once a session, not exactly")
	assert.True(t, p.AheadOf(after(-3600)))
	back, noticed := p.Heed(event.Reading{VCenter: after(-3600)}, 10*time.Minute)
	assert.True(t, noticed)
	assert.Equal(t, after(-3600), back.ReadTo)
	assert.Equal(t, after(-3600-600), back.Begin(10*time.Minute), "what was created since the clock was set")
}

// The clock was set back by an hour, and has caught up with the position before anybody looked.
func TestAClockThatHasCaughtUp(t *testing.T) {
	const overlap = 10 * time.Minute
	here := noon.Add(7 * time.Hour) // this machine's clock is another one
	at := func(vcenter, local float64) event.Reading {
		return event.Reading{VCenter: after(vcenter), Here: here.Add(time.Duration(local * float64(time.Second)))}
	}
	tests := map[string]struct {
		since   time.Time
		present event.Reading
		begin   time.Time // zero: it is not set back
	}{
		"both clocks went on":                      {present: at(7200, 7200)},
		"vCenter's went back":                      {present: at(3600, 7200), begin: after(-3600 - 5)},
		"by less than the overlap":                 {present: at(7200-300, 7200)},
		"by less, after a start from the end":      {since: after(10), present: at(7200-300, 7200), begin: after(-300 - 5)},
		"by no more than a slow call":              {since: after(10), present: at(7200-4, 7200)},
		"vCenter's went ahead, or this one's back": {present: at(7200, 60)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := event.Cold("uuid", test.since, noon)
			p.Clock = at(0, 0)
			p = p.Advance(after(60)).Saved(after(60), here.Add(time.Minute))
			p.Prune(overlap, after(60))
			head, parts, err := p.Encode()
			require.NoError(t, err)
			stored, err := event.DecodePosition(event.PositionVersion, head, parts)
			require.NoError(t, err)
			before := stored.Begin(overlap)
			got, back := stored.Heed(test.present, overlap)
			assert.Equal(t, !test.begin.IsZero(), back)
			if !back {
				test.begin = before
			}
			assert.Equal(t, test.begin, got.Begin(overlap))
			_, again := got.Heed(test.present, overlap)
			assert.False(t, again)
		})
	}
}

func TestFreshLeavesOutDuplicates(t *testing.T) {
	p := event.Cold("uuid", noon, noon)
	events := at(1, 2, 3)
	p.Mark(events[:1], noon)
	fresh := p.Fresh(append(events, events[2]))
	assert.Equal(t, events[1:], fresh, "the first is delivered, the last stands twice in the page")
}

// A restored database uses its keys again: the same key at another time is another event.
func TestAKeyThatIsUsedAgainIsFresh(t *testing.T) {
	p := event.Cold("uuid", noon, noon)
	p.Mark(at(1), noon)
	assert.Len(t, p.Fresh(at(30)), 1)
}

func TestPositionRoundTrip(t *testing.T) {
	for name, keys := range map[string]int{"inline": 10, "in parts": 60_000} {
		t.Run(name, func(t *testing.T) {
			p := event.Cold("uuid", noon, noon).Advance(after(7))
			for i := range keys {
				e := event.Event{Key: int32(i * 3), Keyed: true, Timed: true, Created: after(float64(i) / 100)}
				p.Mark([]event.Event{e}, noon)
			}
			head, parts, err := p.Encode()
			require.NoError(t, err)
			assert.Equal(t, name == "in parts", len(parts) > 0)
			got, err := event.DecodePosition(event.PositionVersion, head, parts)
			require.NoError(t, err)
			assert.Equal(t, p.ReadTo, got.ReadTo)
			assert.Equal(t, keys, got.Delivered.Len())
			again, _, err := got.Encode()
			require.NoError(t, err)
			assert.Equal(t, head, again)
		})
	}
}

// What is pruned is never asked for again: not by a longer overlap after a restart, and not as vCenter's newest event
// in a silence that is longer than the overlap.
func TestWhatIsForgottenIsNotFresh(t *testing.T) {
	p := event.Cold("uuid", noon, noon)
	events := at(1, 2, 3)
	p.Mark(events, noon)
	p = p.Advance(after(3600))
	p.Prune(time.Minute, after(3600))
	assert.Len(t, p.Fresh(events), 3, "their keys are forgotten")
	for i := range events {
		assert.True(t, p.Has(&events[i]))
	}
	head, parts, err := p.Encode()
	require.NoError(t, err)
	restored, err := event.DecodePosition(event.PositionVersion, head, parts)
	require.NoError(t, err)
	assert.True(t, restored.Begin(2*time.Hour).After(after(3)))
}

// In a silence that is longer than the overlap, a pass begins with the newest event, and its key is kept: without an
// event to compare, the tail cannot be confirmed.
func TestSilence(t *testing.T) {
	p := event.Cold("uuid", time.Time{}, noon)
	events := at(1, 2, 7200)
	p = p.Mark(events, after(60)).Advance(after(3600))
	assert.Equal(t, after(2), p.Begin(time.Minute), "the last is from the future")
	p.Prune(time.Minute, after(3600))
	assert.Empty(t, p.Fresh(events[1:2]))
	assert.Equal(t, after(2), p.Begin(time.Minute))
}

// A collector that goes on with a pass begins far behind the position: its keys are kept.
func TestThePassKeepsItsKeys(t *testing.T) {
	p := event.Cold("uuid", time.Time{}, noon)
	events := at(1, 2, 3)
	p.Mark(events, noon)
	p = p.Advance(after(3600))
	p.Prune(time.Minute, noon)
	assert.Empty(t, p.Fresh(events))
}

// The window may be complete only from a time that lies in vCenter's future now.
func TestClockSetBackBehindTheWindow(t *testing.T) {
	p := event.Cold("uuid", time.Time{}, noon).Advance(after(3600))
	p.Prune(10*time.Minute, after(3600))
	back, _ := p.Heed(event.Reading{VCenter: noon}, 10*time.Minute)
	assert.Equal(t, after(-600), back.Begin(10*time.Minute))
}

// Beyond the limit of the window, keys are given up: their events must not be asked for again.
func TestOverlapShrinksWithTheWindow(t *testing.T) {
	p := event.Cold("uuid", noon, noon)
	for i := range event.WindowLimit + 1 {
		p.Delivered.Mark((&event.Event{Key: int32(i), Keyed: true, Timed: true, Created: after(float64(i) / 1000)}).Identity())
	}
	p = p.Advance(after(event.WindowLimit / 1000))
	assert.Equal(t, p.Delivered.CompleteFrom(), p.Begin(time.Hour))
	assert.True(t, p.Begin(time.Hour).After(noon))
	head, parts, err := p.Encode()
	require.NoError(t, err)
	restored, err := event.DecodePosition(event.PositionVersion, head, parts)
	require.NoError(t, err)
	assert.Equal(t, p.Begin(time.Hour), restored.Begin(time.Hour), "also after a restart")
}

func TestStrangePositionsAreErrors(t *testing.T) {
	for name, decode := range map[string]func() error{
		"of a later version": func() error { _, err := event.DecodePosition(9, []byte(`{}`), nil); return err },
		"no JSON":            func() error { _, err := event.DecodePosition(1, []byte(`x`), nil); return err },
		"no minute":          func() error { _, err := event.DecodePosition(1, []byte(`{"delivered":{"x":""}}`), nil); return err },
		"no runs": func() error {
			_, err := event.DecodePosition(1, []byte(`{"delivered":{"1":"AAAAAAAA"}}`), nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { assert.Error(t, decode()) })
	}
}

var update = flag.Bool("update", false, "write the stored position of this version")

// A position that was ever written can be read for ever.
func TestOldPositionsAreReadable(t *testing.T) {
	file := filepath.Join("testdata", "position-v1.json")
	if *update {
		p := event.Cold("5b2b4b5a-0000-4000-8000-000000000001", noon, noon).Advance(after(90))
		p.SavedAt = after(91)
		p.Mark(at(1, 2, 80), noon)
		head, _, err := p.Encode()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, head, 0o600))
	}
	stored, err := os.ReadFile(file)
	require.NoError(t, err)
	p, err := event.DecodePosition(1, stored, nil)
	require.NoError(t, err)
	assert.Equal(t, "5b2b4b5a-0000-4000-8000-000000000001", p.InstanceUUID)
	assert.Equal(t, noon, p.Since)
	assert.Equal(t, after(90), p.ReadTo)
	assert.Equal(t, after(91), p.SavedAt)
	assert.Empty(t, p.Fresh(at(1, 2, 80)))
	assert.Len(t, p.Fresh(at(40)), 1)
}

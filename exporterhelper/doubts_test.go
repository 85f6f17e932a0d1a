package exporterhelper

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
)

// scripted refuses the requests of these numbers, counted from one.
func scripted(code int, refused ...int) func([]string) error {
	n := 0
	return func([]string) error {
		if n++; slices.Contains(refused, n) {
			return answered(code)
		}
		return nil
	}
}

// lonely sends batches after which nothing comes.
func (t *trial) lonely(s *Sender, names ...string) error {
	_, err := Send(context.Background(), s, Request[string]{
		Position: "p1", Records: len(names), Logs: records(names...),
		Follow: func(context.Context) (Build, error) { return nil, errLine },
	})
	return err
}

// A group of two of which the other one was accepted, as a sample, was not refused alone.
func TestWhatIsLeftOfAGroupWasNotRefusedAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(scripted(500, 1, 2, 3, 4, 5, 6, 7, 10, 15), numbered(8)...)
		tr.follow = following(time.Second, "w0", "w1")
		assert.Empty(t, tr.settle(t, time.Hour).Letters())
	})
}

// A batch was given back with a record under suspicion. Another batch shows that the back end accepts what it had refused alone: a
// moment later the first is not to blame for being refused once more.
func TestASuspicionThatAnotherBatchRefutes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(scripted(500, 1, 3, 4, 5, 8, 10))
		s := NewSender(tr.set)
		require.ErrorIs(t, tr.lonely(s, "r0", "x"), errLine) // 1 [r0 x] no, 2 [r0] yes, 3 [x] no
		require.NoError(t, tr.lonely(s, "a", "b"))           // 4 [a b] no, 5 [a] no, 6 [b] yes, 7 [a] yes
		time.Sleep(time.Second)
		require.ErrorIs(t, tr.lonely(s, "r1", "x"), errLine) // 8 [r1 x] no, 9 [r1] yes, 10 [x] no
		assert.Empty(t, tr.dead)
	})
}

// Records whose name an operator has removed have nothing to do with each other.
func TestNamelessRecordsShareNoSuspicion(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(scripted(500, 1, 3, 4, 6))
		tr.set.Identify = func(plog.LogRecord) string { return "" }
		s := NewSender(tr.set)
		require.ErrorIs(t, tr.lonely(s, "r0", "x"), errLine)
		require.ErrorIs(t, tr.lonely(s, "a", "b"), errLine)
		assert.Empty(t, tr.dead)
	})
}

// Once what was given back is settled, batches are built once again.
func TestASuspicionEndsWithItsRecord(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(scripted(500, 1, 3))
		s := NewSender(tr.set)
		require.ErrorIs(t, tr.lonely(s, "r0", "x"), errLine)
		require.NoError(t, tr.lonely(s, "x"))
		builds := 0
		for i := range 10 {
			build := records(fmt.Sprint("n", i))
			_, err := Send(t.Context(), s, Request[string]{Position: "p1", Records: 1, Logs: func() plog.Logs { builds++; return build() }})
			require.NoError(t, err)
		}
		assert.Equal(t, 10, builds)
	})
}

// The minute for which a witness is waited for, and max_elapsed_time, go on when the batch is given back and sent again.
func TestPatienceOutlivesABatchThatIsGivenBack(t *testing.T) {
	for _, c := range []struct {
		code                int
		elapsed, pass, most time.Duration
	}{
		{400, 0, 25 * time.Second, 2 * time.Minute},
		{413, 5 * time.Minute, 299 * time.Second, 11 * time.Minute},
	} {
		bubble(t, func(t *testing.T) {
			tr := newTrial(refusing(c.code, "x"))
			tr.set.BackOff.MaxElapsedTime = c.elapsed
			s, begun := NewSender(tr.set), time.Now()
			for time.Since(begun) < time.Hour && len(tr.dead) == 0 {
				due := time.Now().Add(c.pass)
				_, _ = Send(t.Context(), s, Request[string]{Position: "p1", Records: 1, Logs: records("x"), Follow: func(ctx context.Context) (Build, error) {
					if sleep(ctx, time.Until(due)); time.Now().Before(due) {
						return nil, nil
					}
					return nil, errLine
				}})
			}
			assert.Equal(t, []string{"x"}, tr.dead)
			assert.Less(t, time.Since(begun), c.most)
		})
	}
}

// Records that are dropped as they are built are looked at for a witness, but not without end.
func TestWitnessesThatAreAllDropped(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(refusing(413, "r0"), "r0")
		asked := 0
		tr.follow = func(context.Context) (Build, error) { asked++; return records(), nil }
		tr.hold(t, time.Minute)
		assert.Less(t, asked, 2000)
	})
}

// The time after which a batch is given up is counted from its first try, though it was given back in between.
func TestTheLimitOfABatchThatIsGivenBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(func([]string) error { return answered(413) })
		tr.set.BackOff.MaxElapsedTime = 10 * time.Minute
		s := NewSender(tr.set)
		for range 3 {
			require.ErrorIs(t, tr.lonely(s, "x"), errLine)
			time.Sleep(3 * time.Minute)
		}
		assert.Empty(t, tr.dead)
		time.Sleep(3 * time.Minute)
		require.NoError(t, tr.lonely(s, "x"))
		assert.Equal(t, []string{"x"}, tr.dead)
	})
}

// The back end refuses by chance, while one batch after the other is given back. Nothing that it says is evidence against a record.
func TestARefusalByChanceIsNoEvidence(t *testing.T) {
	for name, test := range map[string]struct{ sizes, refused []int }{
		"others were open, not under suspicion":   {[]int{1, 2, 5}, []int{1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14}},
		"another was accepted that had been, too": {[]int{2, 3, 2}, []int{1, 2, 5, 7, 9, 10, 12}},
		"late in a row after something was taken": {[]int{5, 2, 5}, []int{1, 3, 4, 5, 6, 7, 8, 10}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				tr := newTrial(scripted(500, test.refused...))
				s := NewSender(tr.set)
				for _, n := range test.sizes {
					_ = tr.lonely(s, append(numbered(n-1), "x")...)
					time.Sleep(time.Second)
				}
				assert.Empty(t, tr.dead)
			})
		})
	}
}

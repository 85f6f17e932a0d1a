package fault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

func TestAnswerPassesUnchanged(t *testing.T) {
	for name, chunked := range map[string]bool{"content length": false, "chunked": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.target.chunked = chunked
			got := b.read(t)
			require.NoError(t, got.err)
			assert.Equal(t, http.StatusOK, got.status)
			assert.Equal(t, page, got.body)
			assert.Equal(t, "text/xml; charset=utf-8", got.header.Get("Content-Type"))
			assert.Equal(t, chunked, got.length < 0)
			assert.Equal(t, fault.Count{Requests: 1}, b.Count("ReadNextEvents"))
		})
	}
}

func TestCutAtEveryByte(t *testing.T) {
	for n := range len(page) {
		for name, cut := range map[string]fault.Fault{
			"content length": fault.Cut(n), "from the end": fault.Cut(n - len(page)), "chunked": fault.CutChunked(n),
		} {
			b := newBench(t, fault.Rule{Fault: cut})
			got := b.read(t)
			require.ErrorIs(t, got.err, io.ErrUnexpectedEOF, "%s at %d", name, n)
			require.Equal(t, page[:n], got.body, "%s at %d", name, n)
			require.Equal(t, int64(1), b.target.executed.Load())
			b.Close()
		}
	}
}

func TestCutBehindTheEnd(t *testing.T) {
	got := newBench(t, fault.Rule{Count: 1, Fault: fault.Cut(1 << 20)}).read(t)
	require.NoError(t, got.err, "the whole Content-Length arrived")
	assert.Equal(t, page, got.body)
}

func TestCutChunkedBehindTheEnd(t *testing.T) {
	got := newBench(t, fault.Rule{Count: 1, Fault: fault.CutChunked(1 << 20)}).read(t)
	require.ErrorIs(t, got.err, io.ErrUnexpectedEOF, "the last chunk's mark did not arrive")
	assert.Equal(t, page, got.body)
}

func TestHold(t *testing.T) {
	for name, c := range map[string]struct {
		fault    func(*fault.Gate) fault.Fault
		executed int64 // while it is held
	}{
		"request": {fault.HoldRequest, 0},
		"answer":  {fault.Hold, 1},
		"within":  {func(g *fault.Gate) fault.Fault { return fault.HoldAt(10, g) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			gate := fault.NewGate()
			b := newBench(t, fault.Rule{Fault: c.fault(gate)})
			got := make(chan answer, 1)
			go func() { got <- b.read(t) }()
			<-gate.Arrived()
			assert.Equal(t, c.executed, b.target.executed.Load())
			gate.Release()
			a := <-got
			require.NoError(t, a.err)
			assert.Equal(t, page, a.body)
			assert.Equal(t, int64(1), b.target.executed.Load())
		})
	}
}

func TestHoldForAWhile(t *testing.T) {
	b := newBench(t, fault.Rule{Fault: fault.Hold(fault.After(50 * time.Millisecond))})
	begin := time.Now()
	for range 2 {
		require.NoError(t, b.read(t).err)
	}
	assert.GreaterOrEqual(t, time.Since(begin), 100*time.Millisecond, "each is held for itself")
}

func TestDripOutlastsAClientThatOnlyWaitsForBytes(t *testing.T) {
	b := newBench(t, fault.Rule{Fault: fault.Drip(10, fault.After(5*time.Millisecond))})
	begin := time.Now()
	got := b.read(t)
	require.NoError(t, got.err)
	assert.Equal(t, page, got.body)
	assert.GreaterOrEqual(t, time.Since(begin), time.Duration(len(page)/10)*5*time.Millisecond)
}

func TestBrokenConnections(t *testing.T) {
	for name, c := range map[string]struct {
		fault    fault.Fault
		err      error
		executed int64
	}{
		"reset before":  {fault.ResetBefore(), syscall.ECONNRESET, 0},
		"reset after":   {fault.ResetAfter(), syscall.ECONNRESET, 1},
		"answer lost":   {fault.Lose(), io.EOF, 1},
		"executed once": {fault.Fault{}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, fault.Rule{Fault: c.fault})
			got := b.read(t)
			if c.err == nil {
				assert.NoError(t, got.err)
			} else {
				assert.ErrorIs(t, got.err, c.err)
			}
			assert.Equal(t, c.executed, b.target.executed.Load())
		})
	}
}

func TestBlackHoleEndsWithItsClient(t *testing.T) {
	for name, c := range map[string]struct {
		fault    fault.Fault
		executed int64
	}{"before": {fault.BlackHole(), 0}, "after": {fault.BlackHoleAfter(), 1}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, fault.Rule{Count: 1, Fault: c.fault})
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			require.ErrorIs(t, b.call(ctx, "ReadNextEvents").err, context.DeadlineExceeded)
			assert.Equal(t, c.executed, b.target.executed.Load())
			assert.NoError(t, b.read(t).err)
		})
	}
}

func TestDuplicateExecutesTwice(t *testing.T) {
	b := newBench(t, fault.Rule{Count: 1, Fault: fault.Duplicate()})
	got := b.read(t)
	require.NoError(t, got.err)
	assert.Equal(t, int64(2), b.target.executed.Load())
	assert.Equal(t, []string{"2"}, got.header["X-Executed"], "the second answer")
}

func TestAnswersInTheTargetsPlace(t *testing.T) {
	for name, c := range map[string]struct {
		fault  fault.Fault
		status int
		body   string
	}{
		"503":   {fault.Status(http.StatusServiceUnavailable, "no healthy upstream"), http.StatusServiceUnavailable, "no healthy upstream"},
		"404":   {fault.Status(http.StatusNotFound, ""), http.StatusNotFound, ""},
		"html":  {fault.HTML(), http.StatusOK, "<!DOCTYPE html>"},
		"empty": {fault.Empty(), http.StatusOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, fault.Rule{Fault: c.fault})
			got := b.read(t)
			require.NoError(t, got.err)
			assert.Equal(t, c.status, got.status)
			assert.Contains(t, got.body, c.body)
			assert.Zero(t, b.target.executed.Load())
		})
	}
}

func TestRewriteChangesTheAnswer(t *testing.T) {
	unknown := func(body []byte) []byte { return bytes.ReplaceAll(body, []byte("returnval"), []byte("futureval")) }
	b := newBench(t, fault.Rule{Fault: fault.Rewrite(unknown)})
	got := b.read(t)
	require.NoError(t, got.err)
	assert.Contains(t, got.body, "<futureval><key>1</key></futureval>")
}

func TestTargetDownBreaksTheConnection(t *testing.T) {
	b := newBench(t)
	require.NoError(t, b.read(t).err)
	inner := newBench(t)
	outer, err := fault.New(inner.URL(), fault.Options{})
	require.NoError(t, err)
	t.Cleanup(outer.Close)
	require.NoError(t, inner.Listen(fault.Refusing))
	b.Proxy = outer
	got := b.read(t)
	assert.True(t, errors.Is(got.err, io.EOF), "got %v", got.err)
}

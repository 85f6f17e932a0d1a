package fault_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// faulted makes n calls and tells which of them, from 1, suffered a 503.
func faulted(t *testing.T, b *bench, n int, between func()) []int {
	t.Helper()
	var list []int
	for i := range n {
		got := b.read(t)
		require.NoError(t, got.err)
		if got.status != 200 {
			list = append(list, i+1)
		}
		if between != nil {
			between()
		}
	}
	return list
}

func TestRules(t *testing.T) {
	down := fault.Status(503, "")
	for name, c := range map[string]struct {
		rules []fault.Rule
		want  []int
	}{
		"every method":    {[]fault.Rule{{Fault: down}}, []int{1, 2, 3, 4, 5}},
		"another method":  {[]fault.Rule{{Method: "Login", Fault: down}}, nil},
		"skip":            {[]fault.Rule{{Method: "ReadNextEvents", Skip: 3, Fault: down}}, []int{4, 5}},
		"count":           {[]fault.Rule{{Count: 2, Fault: down}}, []int{1, 2}},
		"skip and count":  {[]fault.Rule{{Skip: 1, Count: 2, Fault: down}}, []int{2, 3}},
		"first one wins":  {[]fault.Rule{{Count: 3}, {Fault: down}}, []int{4, 5}},
		"not idle enough": {[]fault.Rule{{IdleFor: time.Hour, Fault: down}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.rules...)
			assert.Equal(t, c.want, faulted(t, b, 5, nil))
			assert.Equal(t, fault.Count{Requests: 5, Faults: len(c.want)}, b.Count("ReadNextEvents"))
		})
	}
}

func TestRulesAreTakenAwayAgain(t *testing.T) {
	b := newBench(t)
	remove := b.Add(fault.Rule{Fault: fault.Status(503, "")}, fault.Rule{Fault: fault.HTML()})
	b.Add(fault.Rule{Fault: fault.Status(429, "")})
	assert.Equal(t, 503, b.read(t).status)
	remove()
	assert.Equal(t, 429, b.read(t).status)
	remove()
	assert.Equal(t, 429, b.read(t).status, "only its own rules")
}

func TestChanceDependsOnlyOnTheSeed(t *testing.T) {
	draw := func(seed uint64, others bool) []int {
		b := newBenchWith(t, fault.Options{Seed: seed, Rules: []fault.Rule{{Probability: 1. / 3, Fault: fault.Status(503, "")}}})
		var between func()
		if others {
			between = func() { b.call(t.Context(), "WaitForUpdatesEx") }
		}
		return faulted(t, b, 60, between)
	}
	first := draw(7, false)
	assert.InDelta(t, 20, len(first), 12)
	assert.Equal(t, first, draw(7, true), "requests of other methods in between change nothing")
	assert.NotEqual(t, first, draw(8, false))
}

func TestHookCutsAtAnElement(t *testing.T) {
	var calls []string
	b := newBench(t, fault.Rule{Method: "ReadNextEvents", Skip: 1, Count: 1, Hook: func(method string, n int, body []byte) fault.Fault {
		calls = append(calls, fmt.Sprint(method, n))
		return fault.Cut(strings.Index(string(body), "</returnval>"))
	}})
	require.NoError(t, b.read(t).err)
	got := b.read(t)
	require.Error(t, got.err)
	assert.True(t, strings.HasSuffix(got.body, "<key>1</key>"), got.body)
	assert.NoError(t, b.read(t).err)
	assert.Equal(t, []string{"ReadNextEvents2"}, calls)
	assert.Equal(t, int64(3), b.target.executed.Load(), "an answer is executed once, also where a hook saw it")
	assert.Equal(t, fault.Count{Requests: 3, Faults: 1}, b.Count("ReadNextEvents"))
}

func TestRulesChangeWhileRequestsRun(t *testing.T) {
	b := newBench(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				b.read(t)
			}
		})
	}
	for range 20 {
		b.Add(fault.Rule{Count: 1, Fault: fault.ResetAfter()})
		b.Clear()
	}
	wg.Wait()
	assert.Equal(t, 80, b.Counts()["ReadNextEvents"].Requests)
}

func TestRequestsWithoutAMethodAreNamedByVerbAndPath(t *testing.T) {
	b := newBench(t)
	response, err := b.client.Get(b.URL().JoinPath("vimServiceVersions.xml").String())
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, 1, b.Count("GET /sdk/vimServiceVersions.xml").Requests)
}

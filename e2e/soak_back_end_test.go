package e2e

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// backEnd is a sink that plays Loki's rules, and accidents.
type backEnd struct {
	*sink
	loki lokiRules

	mu       sync.Mutex // guards the fields below
	troubles troubles
	poisoned map[string]bool // uids of the records that are never accepted
	lost     map[int]bool    // places in the run of the requests whose answers were lost
	lives    map[int]bool    // that have delivered something
	kill     func(accepted int)
	accepted int // requests, since kill was set
}

// troubles are those that last at present.
type troubles struct {
	status  int           // every request is answered so
	limit   int           // a request with more records is answered 413
	pause   time.Duration // before each answer
	unheard int           // so many answers of acceptance are lost from now on
	choose  bool          // a record of the next request with events is poisoned
}

func newBackEnd(s *sink) *backEnd {
	b := &backEnd{sink: s, poisoned: map[string]bool{}, lost: map[int]bool{}, lives: map[int]bool{}}
	s.answers(b.decide)
	s.onAccept(b.acknowledge)
	return b
}

func (b *backEnd) trouble(change func(*troubles)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.troubles)
}

// killAt kills a process when so many requests were accepted, before the last one is answered; nil: none.
func (b *backEnd) killAt(p *process, requests int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kill, b.accepted = nil, 0
	if p == nil {
		return
	}
	b.kill = func(accepted int) {
		if accepted == requests {
			p.kill()
		}
	}
}

// decide is the status of a request. Which records are to blame for it is noted with them.
func (b *backEnd) decide(d delivery) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.poison(d)
	if b.troubles.status != 0 {
		return b.troubles.status
	}
	tooLarge := b.troubles.limit > 0 && len(d.records) > b.troubles.limit
	for i, r := range d.records {
		d.records[i].blamed = b.poisoned[r.uid]
		tooLarge = tooLarge || b.poisoned[r.uid]
	}
	if tooLarge {
		return http.StatusRequestEntityTooLarge
	}
	return b.loki.answer(d)
}

// poison chooses a record, if one is to be chosen: that of an event.
func (b *backEnd) poison(d delivery) {
	events := slices.DeleteFunc(slices.Clone(d.records), func(r record) bool { return r.change != nil })
	if b.troubles.choose && len(events) > 0 {
		b.poisoned[events[len(events)/2].uid] = true
		b.troubles.choose = false
	}
}

// acknowledge plays what happens between an acceptance and its answer.
func (b *backEnd) acknowledge(r run) {
	b.mu.Lock()
	b.accepted++
	accepted, kill, pause := b.accepted, b.kill, b.troubles.pause
	unheard := b.troubles.unheard > 0
	if unheard {
		b.troubles.unheard--
		b.lost[len(r)-1] = true
	}
	b.lives[r[len(r)-1].life] = true
	b.mu.Unlock()
	time.Sleep(pause)
	if kill != nil {
		kill(accepted)
	}
	if unheard {
		panic(http.ErrAbortHandler) // cuts the connection
	}
}

// hasDelivered says that a life of the collector has had a request accepted.
func (b *backEnd) hasDelivered(life int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lives[life]
}

// attempts are the requests so far. The bytes of their records are those without context.
func (b *backEnd) attempts(t *testing.T, r run) []robustness.Attempt {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	attempts := r.judged().Attempts
	for i, d := range r {
		attempts[i].Unheard = b.lost[d.place]
		for j, rec := range d.records {
			attempts[i].Records[j].Hash = robustness.Hash(withoutContextOf(t, rec))
		}
	}
	return attempts
}

// contextAttributes are those that a record has of the inventory, as docs/records.md lists them: they are of the moment of its
// delivery, and absent until the inventory was read. What had no room is counted, with them.
var contextAttributes = []string{
	"vcenter.object.path", "vcenter.cluster.name", "vcenter.cluster.moref", "vcenter.vm.id", "vcenter.tags", "vcenter.event.dropped",
}

// withoutContextOf are the bytes of a record without what the inventory has added.
func withoutContextOf(t *testing.T, rec record) []byte {
	t.Helper()
	logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs([]byte(rec.bytes))
	require.NoError(t, err)
	log := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
	log.Attributes().RemoveIf(func(name string, _ pcommon.Value) bool {
		return slices.Contains(contextAttributes, name) || strings.HasPrefix(name, "vcenter.custom_attribute.")
	})
	log.SetDroppedAttributesCount(0)
	bytes, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	require.NoError(t, err)
	return bytes
}

func TestContextIsLeftOut(t *testing.T) {
	recordOf := func(attributes ...string) record {
		logs := plog.NewLogs()
		log := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		for _, name := range attributes {
			log.Attributes().PutStr(name, name)
		}
		bytes, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
		require.NoError(t, err)
		return record{bytes: string(bytes)}
	}
	plain := withoutContextOf(t, recordOf("vcenter.event.type", "vcenter.vm.name"))
	assert.Equal(t, plain, withoutContextOf(t, recordOf("vcenter.event.type", "vcenter.vm.name", "vcenter.vm.id", "vcenter.custom_attribute.owner")))
	assert.NotEqual(t, plain, withoutContextOf(t, recordOf("vcenter.event.type", "vcenter.vm.moref")))
}

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// The limits of a Loki whose configuration says nothing else.
const (
	lokiOldest = 7 * 24 * time.Hour // reject_old_samples_max_age
	lokiAhead  = 10 * time.Minute   // creation_grace_period
	lokiBehind = time.Hour          // half of max_chunk_age: "entry too far behind"
)

// lokiLabels are the resource attributes that make a stream, of those that a vCenter's records may have. All else is
// structured metadata.
var lokiLabels = []string{"service.name", "service.namespace", "service.instance.id", "deployment.environment", "deployment.environment.name"}

// stream is what Loki sorts the records of a resource into.
func stream(resource pcommon.Resource) string {
	var labels []string
	for _, name := range lokiLabels {
		if value, ok := resource.Attributes().Get(name); ok {
			labels = append(labels, name+"="+value.Str())
		}
	}
	return strings.Join(labels, ",")
}

// lokiRules answers as Loki does, by the times of the records alone: give its answer to a sink, by itself or among others.
// Its zero value is ready.
//
// Loki keeps those records of a request that it has nothing against, and answers 400 because of the others. So do the
// rules, as far as the newest of a stream goes; in the sink's run a request that was answered 400 is refused as a whole.
type lokiRules struct {
	mu      sync.Mutex           // guards the fields below
	newest  map[string]time.Time // of each stream
	refused []string             // what Loki said, record by record
}

// answer is a status for sink.answers.
func (l *lokiRules) answer(d delivery) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	status := http.StatusOK
	for i, rec := range d.records {
		if reason := l.judge(rec, d.at); reason != "" {
			d.records[i].blamed = true
			l.refused = append(l.refused, fmt.Sprintf("%s: %s", rec.uid, reason))
			status = http.StatusBadRequest
		}
	}
	return status
}

// judge says why a record is refused, or takes it.
func (l *lokiRules) judge(rec record, now time.Time) string {
	newest := l.newest[rec.stream]
	switch {
	case rec.created.Before(now.Add(-lokiOldest)):
		return "timestamp too old"
	case rec.created.After(now.Add(lokiAhead)):
		return "timestamp too new"
	case !newest.IsZero() && rec.created.Before(newest.Add(-lokiBehind)):
		return "entry too far behind"
	}
	if l.newest == nil {
		l.newest = map[string]time.Time{}
	}
	if rec.created.After(newest) {
		l.newest[rec.stream] = rec.created
	}
	return ""
}

// refusals are the records that were refused so far, each with the reason.
func (l *lokiRules) refusals() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.refused)
}

func TestLokiRules(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	at := func(stream string, age time.Duration) record {
		return record{uid: stream, stream: stream, created: now.Add(-age)}
	}
	for name, c := range map[string]struct {
		records []record
		want    []string
	}{
		"in order":                 {[]record{at("a", 6*24*time.Hour), at("a", 2*time.Hour), at("a", 0)}, nil},
		"an hour behind":           {[]record{at("a", 0), at("a", time.Hour)}, nil},
		"more than an hour behind": {[]record{at("a", 0), at("a", time.Hour+time.Second)}, []string{"a: entry too far behind"}},
		"in another stream":        {[]record{at("a", 0), at("b", 3*time.Hour)}, nil},
		"seven days old":           {[]record{at("a", lokiOldest)}, nil},
		"older":                    {[]record{at("a", lokiOldest+time.Second)}, []string{"a: timestamp too old"}},
		"ten minutes ahead":        {[]record{at("a", -lokiAhead)}, nil},
		"further ahead":            {[]record{at("a", -lokiAhead-time.Second)}, []string{"a: timestamp too new"}},
		"what is refused moves nothing": {
			[]record{at("a", 3*time.Hour), at("a", -time.Hour), at("a", 3*time.Hour)}, []string{"a: timestamp too new"},
		},
		"what is taken beside it does": {
			[]record{at("a", lokiOldest+time.Second), at("a", 0), at("a", 2*time.Hour)},
			[]string{"a: timestamp too old", "a: entry too far behind"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var rules lokiRules
			status := rules.answer(delivery{at: now, records: c.records})
			if got := rules.refusals(); !slices.Equal(got, c.want) || (status == http.StatusOK) != (c.want == nil) {
				t.Errorf("%d %q, want %q", status, got, c.want)
			}
		})
	}
}

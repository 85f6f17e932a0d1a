package receiver_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
)

// sink is a consumer with a memory: it takes batches, or refuses them by a script.
type sink struct {
	mu       sync.Mutex // guards the fields below
	script   func(try int, logs plog.Logs) error
	tries    int
	counts   map[string]int // uid → how often it was taken
	batches  []taken
	offered  []taken // refused ones too
	inFlight int
	life     int // of the receiver
}

// taken is a batch as the sink saw it.
type taken struct {
	uids     []string
	bytes    map[string]string // uid → marshalled record
	size     int
	life     int // of the receiver that offered it
	accepted bool
}

func (s *sink) Capabilities() consumer.Capabilities { return consumer.Capabilities{MutatesData: true} }

func (s *sink) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	s.mu.Lock()
	s.tries++
	s.inFlight++
	try, script := s.tries, s.script
	seen := remember(logs)
	seen.life = s.life
	s.offered = append(s.offered, seen)
	offer := len(s.offered) - 1
	s.mu.Unlock()

	var err error
	if script != nil {
		err = script(try, logs)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	if err == nil {
		s.offered[offer].accepted = true
		s.take(seen)
	}
	return err
}

func (s *sink) take(seen taken) {
	s.batches = append(s.batches, seen)
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	for _, uid := range seen.uids {
		s.counts[uid]++
	}
}

// missing is how many of these were not taken yet.
func (s *sink) missing(uids []string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	missing := 0
	for _, uid := range uids {
		if s.counts[uid] == 0 {
			missing++
		}
	}
	return missing
}

// obey sets what becomes of the tries from now on.
func (s *sink) obey(script func(try int, logs plog.Logs) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = script
}

// uids of the records that were taken, in their order.
func (s *sink) uids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var uids []string
	for _, b := range s.batches {
		uids = append(uids, b.uids...)
	}
	return uids
}

func (s *sink) count() int { return len(s.uids()) }

func (s *sink) tried() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

func (s *sink) busy() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inFlight
}

func (s *sink) seen() (offered, batches []taken) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]taken(nil), s.offered...), append([]taken(nil), s.batches...)
}

func remember(logs plog.Logs) taken {
	seen := taken{bytes: map[string]string{}, size: (&plog.ProtoMarshaler{}).LogsSize(logs)}
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				uid, _ := record.Attributes().Get("log.record.uid")
				seen.uids = append(seen.uids, uid.Str())
				seen.bytes[uid.Str()] = marshal(record)
			}
		}
	}
	return seen
}

func marshal(record plog.LogRecord) string {
	one := plog.NewLogs()
	record.CopyTo(one.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty())
	bytes, err := (&plog.ProtoMarshaler{}).MarshalLogs(one)
	if err != nil {
		panic(err)
	}
	return string(bytes)
}

// patience is for a machine that is slow. It is less than the minute after which a login that was refused is tried again.
const patience = 50 * time.Second

// eventually polls until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, patience, 5*time.Millisecond, what)
}

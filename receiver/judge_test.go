package receiver_test

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// begin and end note the life of a receiver.
func (l *lab) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lives = append(l.lives, robustness.Life{Life: len(l.lives) + 1, Begin: time.Now()})
	l.sink.begin(len(l.lives))
}

func (l *lab) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lives[len(l.lives)-1].End = time.Now()
}

// begin counts what is offered from now on as of another life.
func (s *sink) begin(life int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = life
}

// holds judges what was recorded so far by promises.
func (l *lab) holds(promises ...robustness.Validator) {
	l.t.Helper()
	assert.NoError(l.t, robustness.Judge(l.recorded(), promises...))
}

// recorded is the run as validators see it. Its events are those that were appended, in that order.
func (l *lab) recorded() (run robustness.Run) {
	l.mu.Lock()
	run.Lives = append(run.Lives, l.lives...)
	l.mu.Unlock()
	for _, uid := range l.expects {
		run.Events = append(run.Events, robustness.Event{UID: uid})
	}
	offered, _ := l.sink.seen()
	for _, batch := range offered {
		run.Attempts = append(run.Attempts, batch.attempt())
	}
	return run
}

func (b taken) attempt() robustness.Attempt {
	a := robustness.Attempt{Life: b.life, Status: http.StatusServiceUnavailable, Bytes: b.size}
	if b.accepted {
		a.Status = http.StatusOK
	}
	for _, uid := range b.uids {
		a.Records = append(a.Records, robustness.Record{UID: uid, Hash: robustness.Hash([]byte(b.bytes[uid]))})
	}
	return a
}

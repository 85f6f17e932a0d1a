package receiver_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// Who reads a line of the log wants to know which session it is of, also where a stream and not the session is what it tells of.
func TestEachLineTellsItsSession(t *testing.T) {
	l := newLab(t, byInsertion)
	r := l.start()
	l.pinned()
	l.sim.KillSessions()
	l.append(1)
	l.wantEachOnce()
	r.stop()
	serials := map[string][]any{}
	for _, line := range l.logs.Filter(func(e observer.LoggedEntry) bool { return e.Level > zapcore.DebugLevel }).All() {
		serials[line.Message] = append(serials[line.Message], line.ContextMap()["serial"])
		of := 0
		for _, field := range line.Context {
			if field.Key == "serial" {
				of++
			}
		}
		assert.LessOrEqual(t, of, 1, line.Message)
	}
	const first, second = uint64(1), uint64(2)
	assert.Equal(t, []any{first, second}, serials["logged in to vCenter"])
	assert.Equal(t, []any{first}, serials["no stored position: the event stream starts anew"])
	assert.Contains(t, serials["vCenter stream interrupted; its position is kept"], first)
	assert.Equal(t, []any{second}, serials["vCenter stream stopped"])
}

package receiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"
)

// vCenter notes the logins and logouts of the receiver, too. They are events like any others: who hides them hides what
// somebody else does with the account. And there is one for a session, not one for each poll.
func TestOwnNoiseIsNeitherHiddenNorMade(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.PollInterval, l.settings.Events.Overlap = 20*time.Millisecond, time.Second
	noise := map[string]int{}
	l.watch(func(record plog.LogRecord) {
		if user, _ := record.Attributes().Get("user.name"); user.Str() == "otel" {
			noise[record.EventName()]++
		}
	}, accept)
	r := l.fromTheBeginning().start()
	l.append(1)
	l.wantEachOnce()
	reads := l.calls("ReadNextEvents")
	eventually(t, "many polls, and passes", func() bool { return l.calls("ReadNextEvents") > reads+50 })
	assert.Equal(t, 1, l.calls("Login"), "one for all the polls")
	l.sim.KillSessions()
	l.append(1)
	l.wantEachOnce()
	r.stop()
	r = l.start()
	l.append(1)
	l.wantEachOnce()
	r.stop()
	assert.Equal(t, 3, l.calls("Login"))
	assert.Equal(t, map[string]int{"vim.event.UserLoginSessionEvent": 3, "vim.event.UserLogoutSessionEvent": 1}, noise,
		"of the last life's end only the next can tell")
}

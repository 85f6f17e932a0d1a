package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	statusOK          = "StatusOK"
	statusRecoverable = "StatusRecoverableError"
)

// awaitStatus waits for a status of the receiver whose reason contains a text.
func (c *collector) awaitStatus(t *testing.T, status, reason string) {
	t.Helper()
	var last health
	eventually(t, status+" "+reason, func() bool {
		last = c.health(t)
		return last.Status == status && strings.Contains(last.Error, reason) || c.ended()
	})
	assert.Equal(t, status, last.Status)
	assert.NotContains(t, last.Error, c.Password)
}

// The status says why nothing comes while vCenter is down, and is OK again when it is back, with what happened meanwhile.
func TestStatusWhileVCenterIsDown(t *testing.T) {
	address, back := freeAddress(t), newSink(t)
	same := []string{"-listen", address, "-state", filepath.Join(t.TempDir(), "vcenter.json")}
	c := install(t, "http://"+address, back.url())
	c.start(t)
	c.awaitStatus(t, statusRecoverable, "connection refused")

	vc := simulate(t, "insertion", same...)
	c.awaitStatus(t, statusOK, "")
	vc.burst(t, 10)
	early := vc.wanted(t)
	require.Zero(t, vc.stop(t))
	c.awaitStatus(t, statusRecoverable, "connection refused")

	vc = simulate(t, "insertion", same...)
	vc.burst(t, 10)
	late := vc.wanted(t)
	c.awaitStatus(t, statusOK, "")
	eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), append(early, late...)) == nil })
	assert.Equal(t, 0, c.stop(t))
	assert.NoError(t, unique(back.recorded(t)))
}

// A wrong password is told as such, and its correction is noticed at once: not only when the next login is due.
func TestStatusWithAWrongPassword(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte("wrong-"+password), 0o600))
	vc := simulate(t, "insertion")
	c := install(t, vc.endpoint, newSink(t).url())
	c.PasswordFile = file
	c.start(t)
	c.awaitStatus(t, statusRecoverable, "check username (otel) and password")

	require.NoError(t, os.WriteFile(file, []byte(password+"\n"), 0o600))
	c.awaitStatus(t, statusOK, "")
	assert.Equal(t, 0, c.stop(t))
	assertClear(t, c.output(t))
}

// A back end that refuses is told as such.
func TestStatusWhileTheBackEndRefuses(t *testing.T) {
	vc, back := simulate(t, "insertion"), newSink(t)
	c := install(t, vc.endpoint, back.url())
	back.answers(func(delivery) int { return 503 })
	c.start(t)
	vc.awaitCollector(t)
	vc.burst(t, 10)
	c.awaitStatus(t, statusRecoverable, "the pipeline refused a batch")
	back.answers(nil)
	c.awaitStatus(t, statusOK, "")
	assert.Equal(t, 0, c.stop(t))
}

package receiver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest/observer"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// A password that was rotated in vCenter first: the stream waits, with one refused login, and goes on as soon as the file has
// the new one, not after the minutes for which a wrong password is not tried again.
func TestAPasswordFileThatChangesIsTriedAtOnce(t *testing.T) {
	l := newLab(t, byInsertion)
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte("an old one\n"), 0o600))
	l.settings.Password = vsphere.PasswordFile(file)
	l.append(5)
	l.fromTheBeginning().start()
	eventually(t, "the reason", func() bool { return l.host.last() != nil && strings.Contains(l.host.last().Error(), "password") })
	assert.Equal(t, 1, l.calls("Login"))
	require.NoError(t, os.WriteFile(file, []byte(password+"\n"), 0o600))
	l.wantEachOnce()
	assert.Equal(t, 2, l.calls("Login"))
	eventually(t, "status OK", l.host.ok)
}

// A login that was refused is not tried again before its time, however often the stream asks for it: the log says when.
func TestTheLogSaysWhenTheNextLoginIs(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Password = func() (string, error) { return "wrong", nil }
	l.start()
	lines := func() []observer.LoggedEntry { return l.logs.FilterMessageSnippet("interrupted").All() }
	eventually(t, "the line", func() bool { return len(lines()) > 0 })
	next, _ := lines()[0].ContextMap()["next_try_in"].(time.Duration)
	assert.Greater(t, next, 30*time.Second)
}

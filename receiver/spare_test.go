package receiver_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"
)

// The record that tells of a refusal is refused for good, too: that is not told again, nor kept, and holds nothing up.
func TestTheRecordOfARefusalIsRefused(t *testing.T) {
	l := newLab(t, byInsertion)
	l.append(20)
	bad := l.dead(7)
	l.sink.obey(func(_ int, logs plog.Logs) error {
		if slices.ContainsFunc(remember(logs).uids, func(uid string) bool { return uid == bad || strings.HasSuffix(uid, ":refused") }) {
			return tooLarge
		}
		return nil
	})
	l.fromTheBeginning().start()
	l.wantEachOnce()
	eventually(t, "a warning", func() bool { return l.logs.FilterMessageSnippet("refused the record of a refusal").Len() > 0 })
	l.append(20)
	l.wantEachOnce()
	l.committed()
	assert.Len(t, l.letters(), 1)
	assert.Equal(t, 1, l.logs.FilterMessageSnippet("refused the record of a refusal").Len())
	eventually(t, "status OK", l.host.ok)
}

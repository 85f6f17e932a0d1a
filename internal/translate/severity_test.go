package translate

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"
)

func TestSeverity(t *testing.T) {
	for _, test := range []struct {
		class, category, status string
		number                  plog.SeverityNumber
		word                    string
	}{
		{"VmPoweredOnEvent", "info", "", plog.SeverityNumberInfo, "INFO"},
		{"VmFailedToPowerOnEvent", "error", "", plog.SeverityNumberError, "ERROR"},
		{"HostConnectionLostEvent", "warning", "", plog.SeverityNumberWarn, "WARN"},
		{"GeneralUserEvent", "user", "", plog.SeverityNumberInfo, "INFO"},
		{"Unheard", "", "", plog.SeverityNumberInfo, "INFO"},
		{"Unheard", "red", "", plog.SeverityNumberInfo, "INFO"},
		{"AlarmStatusChangedEvent", "info", "red", plog.SeverityNumberError, "ERROR"},
		{"AlarmStatusChangedEvent", "info", "yellow", plog.SeverityNumberWarn, "WARN"},
		{"AlarmStatusChangedEvent", "error", "green", plog.SeverityNumberInfo, "INFO"},
		{"AlarmStatusChangedEvent", "error", "gray", plog.SeverityNumberInfo, "INFO"},
		{"AlarmStatusChangedEvent", "error", "", plog.SeverityNumberInfo, "INFO"},
	} {
		number, word := severityOf(test.class, test.category, test.status)
		assert.Equal(t, test.number, number, test)
		assert.Equal(t, test.word, word, test)
	}
}

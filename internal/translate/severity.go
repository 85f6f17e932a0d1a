package translate

import "go.opentelemetry.io/collector/pdata/plog"

// severityOf is how bad an event is. An alarm's change is always of one category, whatever the alarm changed to, so its
// severity is its new status. The text is one of three words: Loki takes a line's level from it, and knows no "user".
func severityOf(class, category, status string) (plog.SeverityNumber, string) {
	if class == "AlarmStatusChangedEvent" {
		category = categoryOf(status)
	}
	switch category {
	case "error":
		return plog.SeverityNumberError, "ERROR"
	case "warning":
		return plog.SeverityNumberWarn, "WARN"
	}
	return plog.SeverityNumberInfo, "INFO"
}

// categoryOf is the category that the status of an alarm comes to.
func categoryOf(status string) string {
	switch status {
	case "red":
		return "error"
	case "yellow":
		return "warning"
	}
	return "info"
}

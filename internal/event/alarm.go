package event

import "strings"

// AlarmedEntity is the moref of the object of whose alarms an event tells; "" where it tells of none.
func (e *Event) AlarmedEntity() string {
	if !strings.HasPrefix(e.Class, "Alarm") {
		return ""
	}
	return e.Fields.Text("entity", "entity")
}

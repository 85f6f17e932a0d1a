package main

import (
	"iter"
	"strconv"
	"time"
)

// logs is as much of OTLP's ExportLogsServiceRequest, in JSON, as a line needs.
type logs struct {
	ResourceLogs []struct {
		ScopeLogs []struct {
			LogRecords []record
		}
	}
}

func (l logs) records() iter.Seq[record] {
	return func(yield func(record) bool) {
		for _, resource := range l.ResourceLogs {
			for _, scope := range resource.ScopeLogs {
				for _, r := range scope.LogRecords {
					if !yield(r) {
						return
					}
				}
			}
		}
	}
}

type record struct {
	TimeUnixNano string // OTLP writes 64-bit integers as strings
	SeverityText string
	Body         value
	Attributes   []struct {
		Key   string
		Value value
	}
}

type value struct {
	StringValue string
}

func (r record) time() time.Time {
	ns, _ := strconv.ParseInt(r.TimeUnixNano, 10, 64) // what is no number prints as 1970, and is seen
	return time.Unix(0, ns)
}

func (r record) attribute(key string) string {
	for _, a := range r.Attributes {
		if a.Key == key {
			return a.Value.StringValue
		}
	}
	return ""
}

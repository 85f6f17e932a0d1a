package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// farewell is the message of the receiver's last line, which carries its summary.
const farewell = "vCenter stream stopped"

// logbook takes the collector's log, one JSON object a line: it keeps it, prints what an operator must know, and
// remembers the receiver's last word. One goroutine writes to it; the summary may be asked for when that has ended.
type logbook struct {
	file io.Writer
	out  *printer
	rest []byte // a line that has not ended yet
	last *entry
}

// entry is as much of a log line as we look at.
type entry struct {
	Level   string `json:"level"`
	Message string `json:"msg"`
	Error   string `json:"error"`

	Delivered  int64  `json:"events_delivered"`
	Changes    *int64 `json:"changes_delivered"` // nil: the inventory is not watched for them
	Duplicates int64  `json:"duplicates_dropped"`
	Resumed    string `json:"resumed_from"` // RFC 3339, or "cold start"
}

// Write takes a piece of the log, cut anywhere.
func (l *logbook) Write(piece []byte) (int, error) {
	l.rest = append(l.rest, piece...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return l.file.Write(piece)
		}
		l.read(line)
		l.rest = rest
	}
}

// read looks at one line. What is not JSON was written before there was a logger, or by a panic: it is printed as it is.
func (l *logbook) read(line []byte) {
	var e entry
	switch err := json.Unmarshal(line, &e); {
	case err != nil && len(bytes.TrimSpace(line)) > 0:
		l.out.complain("ERROR", string(line))
	case e.Message == farewell:
		l.last = &e
	case e.Level == "warn", e.Level == "error":
		l.out.complain(strings.ToUpper(e.Level), e.text())
	}
}

func (e *entry) text() string {
	if e.Error == "" {
		return e.Message
	}
	return e.Message + ": " + e.Error
}

// summary is what the receiver said of itself at the end.
func (l *logbook) summary() (string, error) {
	if l.last == nil {
		return "", errors.New("the collector has stopped, but the receiver did not say what it has done")
	}
	delivered := count(l.last.Delivered, "event")
	if l.last.Changes != nil {
		delivered += " and " + count(*l.last.Changes, "change")
	}
	return fmt.Sprintf("%s delivered, %s dropped, %s", delivered, count(l.last.Duplicates, "duplicate"), l.last.origin()), nil
}

func (e *entry) origin() string {
	at, err := time.Parse(time.RFC3339, e.Resumed)
	if err != nil {
		return e.Resumed
	}
	return "resumed from " + at.Local().Format(time.DateTime)
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

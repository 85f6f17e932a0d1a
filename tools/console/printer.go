package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
)

// printer writes lines to a terminal, or to whatever takes its place.
type printer struct {
	colours bool

	mu  sync.Mutex // guards the fields below: records and the collector's log come at the same time
	out io.Writer
	day string // of the last record
}

func newPrinter(out io.Writer, colours bool) *printer {
	return &printer{out: out, colours: colours}
}

// Columns of a line. Most names fit; a longer one moves the rest of its line.
const (
	typeWidth = 26
	nameWidth = 15
)

// record prints an event, or a change of the inventory:
//
//	12:03:04 INFO  VmPoweredOffEvent          web-01          web-01 on esx-02 in DC0 is powered off
//	12:03:04 INFO  inventory.changed          web-01          VirtualMachine web-01: runtime.powerState poweredOn → poweredOff
func (p *printer) record(r record) {
	kind, colour := r.attribute("vcenter.event.type"), cyan
	if change := r.attribute("vcenter.change.type"); change != "" {
		kind, colour = "inventory."+change, green
	}
	if origin := r.attribute("vcenter.change.origin"); origin != "" && origin != "live" {
		kind += " (" + origin + ")"
	}
	p.line(line{r.time(), r.SeverityText, kind, colour, r.attribute("vcenter.object.name"), r.Body.StringValue})
}

// collection prints what there was in a collection of metrics:
//
//	12:03:04       metrics                                    612 series of 61 objects; 33 of 40 virtual machines are on; hosts use 12.1 of 96.0 GHz
func (p *printer) collection(s summary) {
	p.line(line{s.at, "", "metrics", cyan, "", s.String()})
}

// complain prints what the collector logged.
func (p *printer) complain(level, text string) {
	p.line(line{time.Now(), level, "collector", cyan, "", text})
}

// say prints a word of our own, apart from the lines.
func (p *printer) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(p.out, p.paint(bold, "» "+fmt.Sprintf(format, args...)))
}

// line is what is printed of a record.
type line struct {
	at             time.Time
	severity, kind string
	colour         colour // of the kind
	name, text     string
}

func (p *printer) line(l line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dayOf(l.at)
	fmt.Fprintf(p.out, "%s %s %s %s %s\n",
		p.paint(faint, l.at.Format(time.TimeOnly)), p.paint(severityColour[l.severity], fmt.Sprintf("%-5s", l.severity)),
		p.paint(l.colour, fmt.Sprintf("%-*s", typeWidth, plain(l.kind))), p.paint(bold, fmt.Sprintf("%-*s", nameWidth, plain(l.name))),
		plain(l.text))
}

// plain puts a text on one line, without what a terminal would obey: a VM may be called anything.
func plain(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}

// dayOf prints a date when it is another than that of the line before: times of day alone would mislead after a night.
func (p *printer) dayOf(at time.Time) {
	day := at.Format(time.DateOnly)
	if p.day != day && (p.day != "" || day != time.Now().Format(time.DateOnly)) {
		fmt.Fprintln(p.out, p.paint(faint, "-- "+day))
	}
	p.day = day
}

// colour is an ANSI sequence.
type colour string

const (
	bold   colour = "\x1b[1m"
	faint  colour = "\x1b[2m"
	red    colour = "\x1b[31m"
	green  colour = "\x1b[32m"
	yellow colour = "\x1b[33m"
	cyan   colour = "\x1b[36m"
)

var severityColour = map[string]colour{"WARN": yellow, "ERROR": red}

func (p *printer) paint(c colour, text string) string {
	if !p.colours || c == "" {
		return text
	}
	return string(c) + text + "\x1b[0m"
}

package event

import "time"

// reopenSlack is how far before its frontier a pass that was cut goes on.
const reopenSlack = 5 * time.Second

// Pass is one reading from its beginning to the tail. It may take several collectors: one that broke
// is followed by another that goes on where the pass had got to, or a pass over a bad line would never end.
//
//	pass        begin ──────────────────────────────► tail
//	collector 1 ├──page──page──✗ cut
//	collector 2            ├──page──page──page──✗ cut      (frontier - slack, the slack halved each time)
//	collector 3                               ├──page──►   (in the end, right where the last page ended)
type Pass struct {
	started  time.Time // by the process's clock
	begin    time.Time // by vCenter's clock, as all below
	frontier time.Time
	newest   time.Time // newest creation time in the page before
	edge     time.Time // the same, but never in vCenter's future
	covered  time.Time // frontier of the passes before: up to there, events are read for a second time
	cutNews  bool      // a collector broke beyond covered
	held     time.Time // where the first one did
	slack    time.Duration
}

// NewPass starts a pass at a begin that Position.Begin gave, at a time by the process's clock, after another
// pass (its zero value: there was none).
func NewPass(begin, now time.Time, after Pass) Pass {
	return Pass{
		started: now, begin: begin, frontier: begin, newest: begin, edge: begin,
		covered: latest(after.covered, after.frontier), slack: reopenSlack,
	}
}

// Due reports whether the next pass must start. A vCenter may order a collector by creation time: an event
// that is inserted late is then behind a live cursor, and only a new collector shows it. At twice that rate
// every late event is read while it is inside the overlap.
func (p Pass) Due(now time.Time, overlap time.Duration) bool {
	return p.started.IsZero() || now.Sub(p.started) >= overlap/2
}

// Proven bounds what a position may take from this pass, be it the frontier or the time of an empty read.
// Where a collector broke in news, the position waits there for the next pass: with a collector in order of
// insertion, an event behind the frontier that was inserted after the break is skipped by the collector that
// goes on, and in a long catch-up the next pass would begin far beyond it.
func (p Pass) Proven(to time.Time) time.Time {
	if !p.cutNews {
		return to
	}
	return earliest(to, p.held)
}

// Frontier is the time before which the pass has read and settled everything.
func (p Pass) Frontier() time.Time { return p.frontier }

// Settle moves the frontier by a page that is settled and was asked for at a time by vCenter's clock.
//
// The frontier is one page behind: it takes the oldest of a page to know that the newest of the page before
// was no event from the future. Counter-example, with a collector in order of insertion and a backlog:
// page 1 ends with an event dated an hour ahead. If its creation time counted, page 2 would be before the
// frontier, and lost with the next restart.
func (p Pass) Settle(events []Event, asked time.Time) Pass {
	oldest, newest := span(events)
	if newest.IsZero() {
		return p
	}
	if !p.newest.IsZero() {
		p.frontier = latest(p.frontier, earliest(asked, earliest(p.newest, oldest)))
	}
	p.newest, p.edge = newest, latest(p.edge, earliest(newest, asked))
	return p
}

// Reopen is where a collector of this pass begins: at the pass's own begin, or after a cut at its frontier
// less the slack. Once the slack is used up, it is where the last page ended: on a line that cuts every second
// answer, a page that is read again and again would be all that ever arrives.
func (p Pass) Reopen() time.Time {
	if p.slack == 0 {
		return latest(p.begin, p.edge)
	}
	return latest(p.begin, p.frontier.Add(-p.slack))
}

// Cut notes that a collector of this pass broke. The slack is halved, for with many events in a few seconds
// it can hold more pages than a bad line lets through.
func (p Pass) Cut() Pass {
	if !p.cutNews && (p.covered.IsZero() || p.frontier.After(p.covered)) {
		p.cutNews, p.held = true, p.frontier
	}
	p.slack /= 2
	if p.slack < 50*time.Millisecond {
		p.slack = 0
	}
	p.newest = p.Reopen()
	return p
}

// span is the oldest and the newest creation time of events.
func span(events []Event) (oldest, newest time.Time) {
	for i := range events {
		created := events[i].Created
		if created.IsZero() {
			continue
		}
		if oldest.IsZero() || created.Before(oldest) {
			oldest = created
		}
		newest = latest(newest, created)
	}
	return oldest, newest
}

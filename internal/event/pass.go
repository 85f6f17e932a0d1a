package event

import "time"

// narrowSlack is how far before its frontier a pass goes on whose collectors do not get through the overlap.
const narrowSlack = 5 * time.Second

// Pass is one reading from its beginning to the tail. It may take several collectors: one that broke
// is followed by another that goes on where the pass had got to, or a pass over a bad line would never end.
//
//	pass        begin ──────────────────────────────► tail
//	collector 1 ├──page──page──✗ cut
//	collector 2 ├──page──page──page──page──✗ cut           (an overlap before the frontier: nothing is left out)
//	collector 3                    ├──page──✗ cut           (5 s before it, and ever less, where that brings nothing new)
//	collector 4                            ├──page──►       (in the end, right where the last page ended)
type Pass struct {
	started  time.Time // by the process's clock; zero: no pass is running
	lasts    time.Duration
	begin    time.Time // by vCenter's clock, as all below
	limit    time.Time // the position must not go beyond it
	frontier time.Time
	newest   time.Time // newest creation time in the page before
	edge     time.Time // newest creation time that is not in vCenter's future
	first    time.Time // oldest creation time in the first page
	parts    parts     // of the present page
	near     time.Time // a collector that broke within a page had come there
	hole     bool      // a collector that went on may have left something out
	held     time.Time // where that begins
	news     bool      // the present collector has brought something new
	slack    time.Duration
}

// NewPass starts a pass at a begin that Position.Begin gave, at a time by the process's clock and by vCenter's.
func NewPass(begin, now, clock time.Time, overlap time.Duration) Pass {
	return Pass{
		started: now, lasts: overlap / 2, begin: begin, limit: clock.Add(overlap / 2),
		frontier: begin, newest: begin, edge: begin, slack: overlap,
	}
}

// Running says that there is a pass: one was started.
func (p Pass) Running() bool { return !p.started.IsZero() }

// Started is when the pass was started, by the process's clock.
func (p Pass) Started() time.Time { return p.started }

// Due reports whether the next pass should start once this one is at the tail. A vCenter may order a collector by
// creation time: an event that is inserted late is then behind a live cursor, and only a new collector shows it.
func (p Pass) Due(now time.Time) bool { return now.Sub(p.started) >= p.lasts }

// Proven bounds what a position may take from this pass, be it the frontier or the time of an empty read.
//
// It does not go further than half the overlap beyond the pass's start. What is inserted late behind the cursor is
// found by the next pass, and that begins an overlap before the position: however long this pass takes, because a
// batch is refused for hours, the next one begins half an overlap before this one's start.
//
// And it does not go beyond the first hole. In order of insertion, an event that was inserted late, after a cut, is
// behind a collector that goes on with less than an overlap of slack, and only another pass proves that nothing was
// left out.
func (p Pass) Proven(to time.Time) time.Time {
	to = earliest(to, p.limit)
	if p.hole {
		to = earliest(to, p.held)
	}
	return to
}

// Frontier is the time before which the pass has read and settled everything.
func (p Pass) Frontier() time.Time { return p.frontier }

// Unread is the time at which something may have been created that the pass has not come to yet; what is inserted late may be
// older. It is not the edge: in order of insertion, an event that is dated ahead has others behind it that are not. Where the pass
// begins with the history, its first page tells when that is.
func (p Pass) Unread() time.Time {
	if p.frontier.IsZero() {
		return p.first
	}
	return p.frontier
}

// Edge is the creation time of the newest event that the pass has read and settled, or its begin.
func (p Pass) Edge() time.Time { return p.edge }

// Before reports whether the pass has not come to a time yet.
func (p Pass) Before(to time.Time) bool {
	return p.Running() && p.begin.Before(to) && p.edge.Before(to)
}

// Settle moves the frontier by a page that is settled and was asked for at a time by vCenter's clock. news says that
// something in it was not delivered before.
//
// The frontier is one page behind: it takes the oldest of a page to know that the newest of the page before
// was no event from the future. Counter-example, with a collector in order of insertion and a backlog:
// page 1 ends with an event dated an hour ahead. If its creation time counted, page 2 would be before the
// frontier, and lost with the next restart.
func (p Pass) Settle(events []Event, asked time.Time, news bool) Pass {
	return p.gather(events, asked, news).turn(asked)
}

// Part settles a part of a page, which moves nothing but the edge until it is a whole one: events may be read one by one, and then
// two of them from the future, one after the other, would be two pages.
func (p Pass) Part(events []Event, asked time.Time, news bool, page int) Pass {
	p = p.gather(events, asked, news)
	if p.parts.events >= page {
		return p.turn(asked)
	}
	return p
}

// parts are of the page that is being settled.
type parts struct {
	events         int
	oldest, newest time.Time
	last, frontier time.Time // newest and frontier of the pass, if each part was a page
}

func (p Pass) gather(events []Event, asked time.Time, news bool) Pass {
	p.news = p.news || news
	p.parts.events += len(events)
	oldest, newest := span(events)
	if newest.IsZero() {
		return p
	}
	if p.first.IsZero() {
		p.first = oldest
	}
	if p.parts.newest.IsZero() {
		p.parts.oldest, p.parts.last = oldest, p.newest
	}
	if !p.parts.last.IsZero() {
		p.parts.frontier = latest(p.parts.frontier, earliest(asked, earliest(p.parts.last, oldest)))
	}
	p.parts.last = newest
	p.parts.oldest, p.parts.newest = earliest(p.parts.oldest, oldest), latest(p.parts.newest, newest)
	p.edge = latest(p.edge, newestBy(events, asked))
	return p
}

// turn is for the end of a page.
func (p Pass) turn(asked time.Time) Pass {
	page := p.parts
	p.parts = parts{}
	if page.newest.IsZero() {
		return p
	}
	if !p.newest.IsZero() {
		p.frontier = latest(p.frontier, earliest(asked, earliest(p.newest, page.oldest)))
	}
	p.newest = page.newest
	return p
}

// Tail moves the frontier to the time of an empty read that is confirmed to be the tail.
func (p Pass) Tail(at time.Time) Pass {
	p.parts, p.frontier = parts{}, latest(p.frontier, at)
	p.newest, p.edge = latest(p.newest, at), latest(p.edge, at)
	return p
}

// Jump goes on with the pass at a later time, because vCenter returns nothing of what is between. That is not read, and no
// pass waits for it.
func (p Pass) Jump(to time.Time) Pass {
	p.parts = parts{}
	p.begin, p.frontier, p.newest, p.edge = to, latest(p.frontier, to), to, latest(p.edge, to)
	return p
}

// Reopen is where a collector of this pass begins: at the pass's own begin, or after a cut at its frontier
// less the slack, which is the overlap as long as the collectors get through it. Once the slack is used up, it is where the last page ended: on a line that cuts every second
// answer, a page that is read again and again would be all that ever arrives.
func (p Pass) Reopen() time.Time {
	if p.slack == 0 {
		return latest(p.begin, p.edge)
	}
	return latest(p.begin, latest(p.frontier, p.near).Add(-p.slack))
}

// Again notes that a collector of this pass is given up for what it returned, and not for the line: the next one begins with
// the same slack.
func (p Pass) Again() Pass {
	p.news = true
	return p.Cut()
}

// Cut notes that a collector of this pass broke. Where it had brought nothing new, the slack is made narrow, and then
// halved: with many events in a few seconds it can hold more pages than a bad line lets through.
//
// Where it broke within a page, of which events were read one by one, the next one goes on near the last of them, or it would never
// come further on a line that cuts every second answer. What that leaves out is for another pass.
func (p Pass) Cut() Pass {
	if p.parts.frontier.After(p.frontier) {
		p = p.Hold()
		p.near = latest(p.near, p.parts.frontier)
	}
	if !p.news {
		p.slack = min(p.slack/2, narrowSlack)
	}
	if p.slack < 50*time.Millisecond {
		p.slack = 0
	}
	reopen := p.Reopen()
	if p.slack < 2*p.lasts && reopen.After(p.begin) {
		p = p.Hold()
	}
	p.news, p.newest, p.parts = false, reopen, parts{}
	return p
}

// Hold keeps the position from going further than the pass has come: what its next collectors may leave out is for another pass.
func (p Pass) Hold() Pass {
	if !p.hole {
		p.hole, p.held = true, p.frontier
	}
	return p
}

// Ends are two events in place of any number, for a Pass and a Position that settle them: all they ask for is the oldest and the
// newest creation time.
func Ends(events []Event) []Event {
	oldest, newest := span(events)
	return []Event{{Created: oldest}, {Created: newest}}
}

// newestBy is the newest creation time of events that is not after a present. In order of insertion an event that is dated ahead
// stands first on a page, and says nothing of what is behind it.
func newestBy(events []Event, present time.Time) (newest time.Time) {
	for i := range events {
		if created := events[i].Created; !created.After(present) {
			newest = latest(newest, created)
		}
	}
	return newest
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

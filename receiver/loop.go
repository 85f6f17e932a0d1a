package receiver

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/otel/attribute"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// stream is one kind of data in the loop: where it is read from, and what of it is remembered. Its methods
// are called by one goroutine.
//
// P is a position. It changes only by settled, with the position out of a proof.
type stream[E, P any] interface {
	// prepare makes the position of this session's vCenter ready, writes the pin of a cold start, and begins a pass
	// where there is none.
	prepare(ctx context.Context, session *vsphere.Session) error
	// notice is what the stream itself has to say before anything that follows, and the position once it is said.
	notice() (n notice[P], waiting bool)
	// told notes that it is said; settled adopts the position.
	told()
	// open begins to read the pass, or goes on with the one that was cut.
	open(ctx context.Context, session *vsphere.Session) (source, error)
	// decode reads a page and tells which of its items were not delivered yet.
	decode(raw history.Page) (page[E], error)
	// without drops items that were delivered meanwhile, and some others.
	without(items, others []E) []E
	// join makes one page of two in which nothing is new.
	join(first, second page[E]) page[E]
	// batch takes the first items that make one batch: at least one, unless there is none.
	batch(fresh []E) batch[E]
	// taken remembers those of some items as delivered, in memory, whose records have one of some names.
	taken(items []E, uids []string)
	// after is the position once a batch of a page is settled: whole says that it is the page's last.
	after(p page[E], whole bool) P
	// settled adopts that position and remembers the batch's items as delivered, in memory.
	settled(p page[E], b batch[E], whole bool, position P)
	// commit stores the position of a proof, with what is remembered by then.
	commit(ctx context.Context, proof sender.Settled[P]) error
	// refusals is what is to be said of the records that were refused for good, and the position once it is said.
	refusals(ctx context.Context) (n notice[P], waiting bool)
	// reported adopts that position.
	reported(position P)
	// stale says that the position has moved for so long without a batch that it should be committed.
	stale() bool

	doubtful[E]
}

// doubtful is the part of a stream that copes with a source which may leave items out, or return them late. A stream whose source
// does neither takes it from trusted.
type doubtful[E any] interface {
	// stalled notes that the source returns nothing, though vCenter has newer items.
	stalled()
	// sweeps says that it is time to read what no source has returned, where vCenter offers that.
	sweeps() bool
	// overlooked reads the next of it; an empty page at the end.
	overlooked(ctx context.Context) (page[E], error)
	// leap goes on with the pass behind what vCenter returns nothing of, where it has come to that, and reports whether it does.
	leap() bool
	// unsure says that it is time to confirm that an empty page is the tail.
	unsure() bool
	// confirm asks vCenter whether its newest item is delivered.
	confirm(ctx context.Context) (verdict, error)
	// look does so where that has told nothing, once the source is closed.
	look(ctx context.Context) (verdict, error)
	// corrected says that the position was changed by prepare, and is to be stored.
	corrected() bool
	// again notes that the source is closed for that: the pass goes on with the next open, and nothing broke.
	again()
	// waiting is what was set aside of a batch that was given back, as a page beside the pass.
	waiting() page[E]
	// due says that the next pass should start.
	due() bool
	// over ends the pass: the next open begins another.
	over()
	// cut notes that the source broke within the pass, which goes on with the next open.
	cut()
}

// verdict is what vCenter says of an empty page.
type verdict int

const (
	unknown verdict = iota // it shows no newest item
	atTail                 // its newest item is delivered: nothing was left out
	behind                 // its newest item is not delivered
	unseen                 // it shows no newest item, and a look at the whole history may tell why
)

// batch is the unit of delivery, of marking and of commit.
type batch[E any] struct {
	items   []E
	records int // that are made of them
	bare    int // of these, without what is known of their objects
	logs    sender.Build
}

// notice is a record of our own: a batch of one.
type notice[P any] struct {
	uid      string // of it; it is no item, and counted only where it was refused for good
	position P
	logs     sender.Build
}

// loop runs one stream: see the package comment for its levels.
type loop[E, P any] struct {
	stream    stream[E, P]
	sender    *sender.Sender
	telemetry *streamTelemetry
	backOff   configretry.BackOffConfig // of commits
	attempts

	ahead     *ahead[E]       // of the present source
	witnessed bool            // the last batch has taken in what follows it
	dropped   int             // so many items are looked at together for a witness
	late      bool            // a notice was given back: it is told with the next that is new
	letters   []sender.Letter // of a batch that was given back
	waited    bool            // the source has been read again after a wait
	empty     int             // pages in a row that are empty and not the tail
	looked    page[E]         // the empty page for which a look is taken
}

// errStalled says that vCenter has newer items than its collector returns.
var errStalled = errors.New("the history collector returns nothing, though vCenter has newer items: stalled")

const (
	// stalledAfter is how many empty pages in a row that are not the tail make a stall.
	stalledAfter = 3

	// lagging is how long the last of them is waited for: what vCenter shows as its newest item may come to its collectors a
	// moment later.
	lagging = time.Second
)

// run makes attempts until the context ends.
func (l *loop[E, P]) run(ctx context.Context) { l.each(ctx, l.attemptTraced) }

// attemptTraced is an attempt with its span.
func (l *loop[E, P]) attemptTraced(ctx context.Context) error {
	ctx, span := l.telemetry.begin(ctx, "attempt")
	err := l.attempt(ctx)
	if deliberate(err) {
		span.End()
		return err
	}
	end(span, err)
	return err
}

// attempt streams over one source, until it breaks or the pass is over.
func (l *loop[E, P]) attempt(ctx context.Context) error {
	l.attempted, l.empty, l.waited = nothing, 0, false
	l.status.enter(connecting)
	session, err := l.sessions.Acquire(ctx)
	if err != nil {
		return err
	}
	l.session.note(session.Serial())
	l.status.enter(resuming)
	switch err = l.pass(ctx, session); {
	case errors.Is(err, errPassOver):
		l.stream.over()
	case !deliberate(err):
		l.sessions.Report(session, err)
	}
	return err
}

func (l *loop[E, P]) pass(ctx context.Context, session *vsphere.Session) error {
	if err := l.stream.prepare(ctx, session); err != nil {
		return err
	}
	if l.stream.corrected() { // that must not wait for something that is accepted
		if err := l.deliver(ctx, page[E]{beside: true}, batch[E]{}, nil); err != nil {
			return err
		}
	}
	src, err := l.stream.open(ctx, session)
	if err != nil {
		return err
	}
	l.status.enter(catchingUp)
	err = l.drain(ctx, src)
	if errors.Is(err, errLook) || errors.Is(err, errLeap) {
		l.stream.again()
	} else {
		l.stream.cut()
	}
	left := src.Close(ctx) // the session remembers what could not be destroyed; why the pass ended counts
	if errors.Is(err, errLook) && left == nil {
		return l.look(ctx)
	}
	return err
}

// look makes up for what an empty page did not tell.
func (l *loop[E, P]) look(ctx context.Context) error {
	found, err := l.stream.look(ctx)
	if err == nil {
		err = l.settleTail(ctx, l.looked, found)
	}
	if err != nil {
		l.attempted = nothing
		return err
	}
	return errLook
}

// tell delivers what the stream itself has to say, in a batch of its own. Where that alone is refused, what follows it is its
// witness: the first of the rest, or what is read next.
func (l *loop[E, P]) tell(ctx context.Context, rest []E) error {
	n, waiting := l.stream.notice()
	l.late = false
	if !waiting {
		return nil
	}
	var b batch[E]
	proof, err := l.send(ctx, sender.Request[P]{
		Position: n.position, Records: 1, Logs: n.logs,
		Follow: func(ctx context.Context) (sender.Build, error) { return l.witness(ctx, &b, rest) },
	})
	if err != nil {
		l.late = true
		return l.unsettled(ctx, b, n.uid, err)
	}
	l.stream.told()
	l.stream.settled(page[E]{}, b, false, proof.Position())
	refused := proof.Letters()
	if slices.ContainsFunc(refused, func(letter sender.Letter) bool { return letter.UID == n.uid }) {
		b.records++
	}
	l.telemetry.settled(b.records, len(refused))
	return l.commit(ctx, proof)
}

// drain settles page after page, with one read ahead: while a batch is delivered, or refused, the page after
// it is on its way, and nothing more.
func (l *loop[E, P]) drain(ctx context.Context, src source) error {
	l.ahead = &ahead[E]{src: src, start: func() *reading { return read(ctx, src) }, decode: l.stream.decode, join: l.stream.join}
	defer l.ahead.close()
	if !l.late {
		if err := l.tell(ctx, nil); err != nil {
			return err
		}
	}
	for {
		l.ahead.read()
		p, peeked, err := l.ahead.next()
		if err != nil {
			return err
		}
		if peeked {
			p.fresh = l.stream.without(p.fresh, nil)
		}
		if len(p.items) == 0 {
			err = l.tail(ctx, src, p)
		} else {
			err = l.advance(ctx, p)
		}
		if err != nil {
			return err
		}
	}
}

// advance settles a page, and ends the pass behind it where it is time: under a steady stream of events no page may ever be empty.
func (l *loop[E, P]) advance(ctx context.Context, p page[E]) error {
	l.ahead.read()
	if l.late && len(p.fresh) > 0 {
		if err := l.tell(ctx, p.fresh); err != nil {
			return err
		}
		p.fresh = l.stream.without(p.fresh, nil)
	}
	if err := l.settle(ctx, p); err != nil {
		return err
	}
	l.status.enter(phaseAfter(p.short))
	if !p.short || !l.stream.due() {
		return nil
	}
	if err := l.sweep(ctx); err != nil {
		return err
	}
	if err := l.catchUp(ctx); err != nil {
		return err
	}
	return errPassOver
}

// settledAll says that nothing was given back that is not settled yet.
func (l *loop[E, P]) settledAll() bool { return !l.late && len(l.stream.waiting().items) == 0 }

// catchUp delivers what was given back, where nothing came to go with it.
func (l *loop[E, P]) catchUp(ctx context.Context) error {
	if l.late {
		if err := l.tell(ctx, nil); err != nil {
			return err
		}
	}
	if p := l.stream.waiting(); len(p.items) > 0 {
		return l.settle(ctx, p)
	}
	return nil
}

// settle delivers the fresh items of a page batch by batch. The position moves over the page with its last
// batch, in the same commit.
func (l *loop[E, P]) settle(ctx context.Context, p page[E]) error {
	l.empty = 0
	l.attempted = max(l.attempted, reread)
	for fresh, whole := p.fresh, false; !whole; {
		b := l.stream.batch(fresh)
		rest := fresh[len(b.items):]
		if err := l.deliver(ctx, p, b, rest); err != nil {
			return err
		}
		whole, fresh = len(rest) == 0, rest
		if l.witnessed {
			fresh = l.stream.without(rest, nil)
		}
	}
	return nil
}

// deliver sends a batch until it is settled, marks it, and commits. rest is what follows the batch on its page.
//
// Mark comes before the commit and is never undone: a commit that fails, and a session that is lost on top,
// must not make the next pass deliver the batch again.
func (l *loop[E, P]) deliver(ctx context.Context, p page[E], b batch[E], rest []E) error {
	whole := len(rest) == 0
	l.witnessed = false
	proof, err := l.send(ctx, sender.Request[P]{
		Position: l.stream.after(p, whole), Records: b.records, Logs: b.logs,
		Follow: func(ctx context.Context) (sender.Build, error) { return l.witness(ctx, &b, rest) },
	})
	if err != nil {
		return l.unsettled(ctx, b, "", err)
	}
	l.stream.settled(p, b, whole, proof.Position())
	l.telemetry.settled(b.records, len(proof.Letters()))
	if len(b.items) > 0 {
		l.attempted = news
	} else if !l.stream.stale() && len(proof.Letters()) == 0 {
		return nil
	}
	if err := l.commit(ctx, proof); err != nil || proof.Accepted() == 0 {
		return err
	}
	return l.report(ctx)
}

// unsettled notes what was taken of a batch that was given back, or given up: it is not sent again with the rest. It is stored at
// once, for nothing else may be settled before a stop. With the batch there may have been a notice, by its uid.
func (l *loop[E, P]) unsettled(ctx context.Context, b batch[E], notice string, err error) error {
	var back *sender.Returned
	if !errors.As(err, &back) {
		return err
	}
	done := back.Taken
	for _, letter := range back.Letters[len(l.letters):] {
		done = append(done, letter.UID)
	}
	l.letters = back.Letters
	l.stream.taken(b.items, done)
	if len(done) == 0 {
		return err
	}
	records := len(done)
	if slices.Contains(back.Taken, notice) {
		records--
	}
	l.telemetry.settled(records, 0) // the letters are counted with the proof that they go with
	return errors.Join(err, l.keep(ctx))
}

// keep stores the position as it is, with what is marked beyond it, and the letters that go with that.
func (l *loop[E, P]) keep(ctx context.Context) error {
	p := page[E]{beside: true}
	proof, err := l.hand(ctx, sender.Request[P]{Position: l.stream.after(p, false)})
	if err != nil {
		return err
	}
	l.stream.settled(p, batch[E]{}, false, proof.Position())
	l.telemetry.settled(0, len(proof.Letters()))
	return l.commit(ctx, proof)
}

// send hands a batch to the pipeline, in a span of its own.
func (l *loop[E, P]) send(ctx context.Context, r sender.Request[P]) (sender.Settled[P], error) {
	if r.Records == 0 {
		return l.hand(ctx, r)
	}
	ctx, span := l.telemetry.beginRoot(ctx, "deliver")
	proof, err := l.hand(ctx, r)
	if span.IsRecording() {
		span.SetAttributes(attribute.Int("records", r.Records), attribute.Int("accepted", proof.Accepted()), attribute.Int("refused", len(proof.Letters())))
	}
	end(span, err)
	return proof, err
}

// hand is send without a span. The letters of a batch that was given back go with whatever is sent next: its records are marked
// as delivered, and the position that says so must not be stored without them.
func (l *loop[E, P]) hand(ctx context.Context, r sender.Request[P]) (sender.Settled[P], error) {
	r.Letters = l.letters
	proof, err := sender.Send(ctx, l.sender, r)
	if err == nil {
		l.letters = nil
	}
	return proof, err
}

// report tells of the records that were refused for good, once the pipeline takes others.
func (l *loop[E, P]) report(ctx context.Context) error {
	for {
		n, waiting := l.stream.refusals(ctx)
		if !waiting {
			return nil
		}
		proof, err := l.send(ctx, sender.Request[P]{Position: n.position, Records: 1, Logs: n.logs, Spare: true})
		if err != nil {
			return err
		}
		l.stream.reported(proof.Position())
		if err := l.commit(ctx, proof); err != nil {
			return err
		}
	}
}

// commit stores a position, trying until it works: nothing more is delivered before. It has a moment also
// when the context has ended, for then it is the last one.
func (l *loop[E, P]) commit(ctx context.Context, proof sender.Settled[P]) error {
	for pause := commitBackOff(l.backOff); ; {
		err := l.commitOnce(ctx, proof)
		if err == nil {
			if l.settledAll() {
				l.status.fine()
			}
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		next := pause.NextBackOff()
		l.status.hold("the position could not be stored; nothing more is delivered until it is", "storage", err, next)
		sleep(ctx, next)
	}
}

func (l *loop[E, P]) commitOnce(ctx context.Context, proof sender.Settled[P]) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	begun := time.Now()
	err := l.stream.commit(ctx, proof)
	l.telemetry.committed(time.Since(begun), err)
	return err
}

// tail handles an empty page: it waits for more, having made sure from time to time that this is the tail.
func (l *loop[E, P]) tail(ctx context.Context, src source, p page[E]) error {
	if l.stream.leap() {
		return errLeap
	}
	if l.stream.unsure() {
		found, err := l.stream.confirm(ctx)
		if err != nil {
			l.attempted = nothing
			return err
		}
		if found == behind {
			return l.readOn(ctx)
		}
		if err := l.sweep(ctx); err != nil {
			return err
		}
		if found == unseen {
			l.looked = p
			return errLook
		}
		if err := l.settleTail(ctx, p, found); err != nil {
			return err
		}
	}
	if err := l.catchUp(ctx); err != nil {
		return err
	}
	l.empty = 0
	l.attempted = max(l.attempted, reread)
	if l.waited {
		l.attempted = news
	}
	if len(l.ahead.peeked) > 0 { // by a search for a witness
		return nil
	}
	l.status.enter(tailing)
	l.status.fine()
	if l.stream.due() {
		return errPassOver
	}
	l.waited = true
	return src.Wait(ctx)
}

// settleTail moves the position where the tail is confirmed, and only there: a page can also be empty because
// a restricted account may not see what is in it.
func (l *loop[E, P]) settleTail(ctx context.Context, p page[E], found verdict) error {
	if found != atTail {
		return nil
	}
	return l.deliver(ctx, p, batch[E]{}, nil)
}

// readOn goes on after an empty page that is not the tail: what is newer may have come since, or comes in a moment, or the
// cursor may pass over what is hidden. Where it does not, another collector must.
func (l *loop[E, P]) readOn(ctx context.Context) error {
	if l.empty++; l.empty < stalledAfter {
		if l.empty == stalledAfter-1 {
			sleep(ctx, lagging)
		}
		return nil
	}
	if l.attempted != news {
		l.attempted = nothing
	}
	l.telemetry.stalled()
	l.stream.stalled()
	err := l.sweep(ctx)
	if err == nil && l.stream.due() { // nothing has come for long to go with it
		err = l.catchUp(ctx)
	}
	return errors.Join(err, errStalled)
}

// sweep delivers what no source has returned, where vCenter has another way to read it.
func (l *loop[E, P]) sweep(ctx context.Context) error {
	for l.stream.sweeps() {
		p, err := l.stream.overlooked(ctx)
		if err != nil || len(p.items) == 0 {
			return err
		}
		if err := l.settle(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func commitBackOff(c configretry.BackOffConfig) *backoff.ExponentialBackOff {
	b := &backoff.ExponentialBackOff{
		InitialInterval: c.InitialInterval, MaxInterval: c.MaxInterval,
		Multiplier: c.Multiplier, RandomizationFactor: c.RandomizationFactor,
	}
	b.Reset()
	return b
}

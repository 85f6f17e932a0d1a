package receiver

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/config/configretry"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// stream is one kind of data in the loop: where it is read from, and what of it is remembered. Its methods
// are called by one goroutine.
//
// P is a position. It changes only by settled, with the position out of a proof.
type stream[E, P any] interface {
	// prepare makes the position of this session's vCenter ready, and writes the pin of a cold start.
	prepare(ctx context.Context, session *vsphere.Session) error
	// open begins a pass, or goes on with the one that was cut.
	open(ctx context.Context, session *vsphere.Session) (source, error)
	// decode reads a page and tells which of its items were not delivered yet.
	decode(raw history.Page) (page[E], error)
	// batch takes the first items that make one batch: at least one, unless there is none.
	batch(fresh []E) batch[E]
	// after is the position once a batch of a page is settled: whole says that it is the page's last.
	after(p page[E], whole bool) P
	// settled adopts that position and remembers the batch's items as delivered, in memory.
	settled(p page[E], b batch[E], whole bool, position P)
	// commit stores the position of a proof, with what is remembered by then.
	commit(ctx context.Context, proof sender.Settled[P]) error
	// stale says that the position has moved for so long without a batch that it should be committed.
	stale() bool

	// unsure says that it is time to confirm that an empty page is the tail.
	unsure() bool
	// confirm asks vCenter whether its newest item is delivered.
	confirm(ctx context.Context) (verdict, error)
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
)

// batch is the unit of delivery, of marking and of commit.
type batch[E any] struct {
	items []E
	logs  sender.Build
}

// loop runs one stream: see the package comment for its levels.
type loop[E, P any] struct {
	sessions *vsphere.Supervisor
	stream   stream[E, P]
	sender   *sender.Sender
	status   *status
	backOff  configretry.BackOffConfig // of commits

	attempted outcome
	waited    bool // the source has been read again after a wait
	empty     int  // pages in a row that are empty and not the tail
	session   sessionAge
}

// outcome is what an attempt has brought.
type outcome int

const (
	nothing outcome = iota
	reread          // whole pages, of which everything was delivered before, or the tail
	news            // something new was delivered, or the tail was read again after a wait
)

// sessionAge knows for how long the present session has been in use.
type sessionAge struct {
	serial uint64
	since  time.Time
}

func (a *sessionAge) note(serial uint64) {
	if a.serial != serial {
		*a = sessionAge{serial, time.Now()}
	}
}

// young says that a session that was lost had hardly begun. Somebody ends our sessions, or a balancer between us and
// vCenter takes them to another one: to log in again at once would go on for ever, and each login is an event.
func (a *sessionAge) young() bool { return time.Since(a.since) < 10*time.Second }

var (
	// errPassOver ends an attempt that is to be followed by the next pass at once.
	errPassOver = errors.New("the pass is over")

	// errStalled says that vCenter has newer items than its collector returns.
	errStalled = errors.New("the history collector returns nothing, though vCenter has newer items: stalled")
)

// stalledAfter is how many empty pages in a row that are not the tail make a stall.
const stalledAfter = 2

// run makes attempts until the context ends.
func (l *loop[E, P]) run(ctx context.Context) {
	for pause := reconnectBackOff(); ctx.Err() == nil; {
		err := l.attempt(ctx)
		if ctx.Err() != nil || errors.Is(err, errPassOver) {
			continue
		}
		next := l.pause(pause, err)
		l.status.interrupted(err, next)
		sleep(ctx, next)
	}
}

// pause is how long to wait after an attempt. The first retry after news is at once, for most failures are one answer
// that was cut. The backoff grows only while no whole page is read, or a pass over a bad line would hardly move; but
// pages that are read again and again, and sessions that do not last, are no reason to hurry.
func (l *loop[E, P]) pause(growing *backoff.ExponentialBackOff, err error) time.Duration {
	switch {
	case vsphere.IsNotAuthenticated(err) && l.session.young():
		return growing.NextBackOff()
	case l.attempted == news:
		growing.Reset()
		return 0
	case l.attempted == reread:
		growing.Reset()
		return growing.InitialInterval
	}
	return growing.NextBackOff()
}

// attempt streams over one source, until it breaks or the pass is over.
func (l *loop[E, P]) attempt(ctx context.Context) error {
	l.attempted, l.empty, l.waited = nothing, 0, false
	session, err := l.sessions.Acquire(ctx)
	if err != nil {
		return err
	}
	l.session.note(session.Serial())
	err = l.pass(ctx, session)
	if errors.Is(err, errPassOver) {
		l.stream.over()
		return err
	}
	l.sessions.Report(session, err)
	return err
}

func (l *loop[E, P]) pass(ctx context.Context, session *vsphere.Session) error {
	if err := l.stream.prepare(ctx, session); err != nil {
		return err
	}
	src, err := l.stream.open(ctx, session)
	if err != nil {
		return err
	}
	err = l.drain(ctx, src)
	l.stream.cut()
	_ = src.Close(ctx) // the session remembers what could not be destroyed; why the pass ended counts
	return err
}

// drain settles page after page, with one read ahead: while a batch is delivered, or refused, the page after
// it is on its way, and nothing more.
func (l *loop[E, P]) drain(ctx context.Context, src source) error {
	ahead := read(ctx, src)
	defer func() { ahead.abandon() }()
	for {
		raw, err := ahead.page()
		if err != nil {
			return err
		}
		p, err := l.stream.decode(raw)
		if err != nil {
			return err
		}
		if len(p.items) == 0 {
			if err := l.tail(ctx, src, p); err != nil {
				return err
			}
			ahead = read(ctx, src)
			continue
		}
		ahead = read(ctx, src)
		if err := l.settle(ctx, p); err != nil {
			return err
		}
		if p.short && l.stream.due() {
			return errPassOver // under a steady stream of events no page may ever be empty
		}
	}
}

// settle delivers the fresh items of a page batch by batch. The position moves over the page with its last
// batch, in the same commit.
func (l *loop[E, P]) settle(ctx context.Context, p page[E]) error {
	l.empty = 0
	l.attempted = max(l.attempted, reread)
	for fresh, whole := p.fresh, false; !whole; {
		b := l.stream.batch(fresh)
		fresh = fresh[len(b.items):]
		whole = len(fresh) == 0
		if err := l.deliver(ctx, p, b, whole); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends a batch until it is settled, marks it, and commits.
//
// Mark comes before the commit and is never undone: a commit that fails, and a session that is lost on top,
// must not make the next pass deliver the batch again.
func (l *loop[E, P]) deliver(ctx context.Context, p page[E], b batch[E], whole bool) error {
	proof, err := sender.Send(ctx, l.sender, sender.Request[P]{
		Position: l.stream.after(p, whole), Records: len(b.items), Logs: b.logs,
	})
	if err != nil {
		return err
	}
	l.stream.settled(p, b, whole, proof.Position())
	if len(b.items) > 0 {
		l.attempted = news
	} else if !l.stream.stale() {
		return nil
	}
	return l.commit(ctx, proof)
}

// commit stores a position, trying until it works: nothing more is delivered before. It has a moment also
// when the context has ended, for then it is the last one.
func (l *loop[E, P]) commit(ctx context.Context, proof sender.Settled[P]) error {
	for pause := commitBackOff(l.backOff); ; {
		err := l.commitOnce(ctx, proof)
		if err == nil {
			l.status.fine()
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		next := pause.NextBackOff()
		l.status.trouble("the position could not be stored; nothing more is delivered until it is", err, next)
		sleep(ctx, next)
	}
}

func (l *loop[E, P]) commitOnce(ctx context.Context, proof sender.Settled[P]) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	return l.stream.commit(ctx, proof)
}

// tail handles an empty page: it waits for more, having made sure from time to time that this is the tail.
func (l *loop[E, P]) tail(ctx context.Context, src source, p page[E]) error {
	if l.stream.unsure() {
		found, err := l.stream.confirm(ctx)
		if err != nil {
			l.attempted = nothing
			return err
		}
		if found == behind {
			return l.readOn()
		}
		if err := l.settleTail(ctx, p, found); err != nil {
			return err
		}
	}
	l.empty = 0
	l.attempted = max(l.attempted, reread)
	if l.waited {
		l.attempted = news
	}
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
	return l.deliver(ctx, p, batch[E]{}, true)
}

// readOn goes on after an empty page that is not the tail: what is newer may have come since, or the cursor
// may pass over what is hidden. Where it does not, another collector must.
func (l *loop[E, P]) readOn() error {
	if l.empty++; l.empty < stalledAfter {
		return nil
	}
	l.attempted = nothing
	return errStalled
}

func reconnectBackOff() *backoff.ExponentialBackOff {
	b := &backoff.ExponentialBackOff{
		InitialInterval: 100 * time.Millisecond, MaxInterval: 30 * time.Second,
		Multiplier: 2, RandomizationFactor: backoff.DefaultRandomizationFactor,
	}
	b.Reset()
	return b
}

func commitBackOff(c configretry.BackOffConfig) *backoff.ExponentialBackOff {
	b := &backoff.ExponentialBackOff{
		InitialInterval: c.InitialInterval, MaxInterval: c.MaxInterval,
		Multiplier: c.Multiplier, RandomizationFactor: c.RandomizationFactor,
	}
	b.Reset()
	return b
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

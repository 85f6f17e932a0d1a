package tagging

import (
	"context"
	"sync/atomic"
	"time"
)

// Tagger reads tags in the background, while Run runs. Its other methods are for any goroutine.
type Tagger struct {
	settings Settings
	pace     pace
	book     atomic.Pointer[book]
	notices  chan struct{} // holds one: more of them at a time say no more
	renamed  atomic.Bool   // names are to be read again
	counts   counts
	trouble  atomic.Pointer[trouble] // nil: none

	flying context.Context // ends when Close begins
	ground context.CancelFunc

	turn    chan struct{} // held by who uses what follows
	client  *client
	names   *names          // nil where they are to be read again
	refused map[string]bool // objects that are left alone as long as names are known
	report  report
}

// New makes a Tagger that knows nothing. It must be closed.
func New(settings Settings) *Tagger {
	settings = settings.completed()
	t := &Tagger{settings: settings, pace: usual, notices: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
	t.client = &client{login: t.login, loggedIn: func() { t.counts.logins.Add(1) }}
	t.report = report{logger: settings.Logger}
	t.flying, t.ground = context.WithCancel(context.Background())
	return t
}

func (t *Tagger) login(ctx context.Context) (api, error) {
	session, err := t.settings.Sessions.LoginREST(ctx, t.settings.InstanceUUID)
	if err != nil {
		return nil, err
	}
	return restAPI{session}, nil
}

// Tags are the tags as they were read last.
func (t *Tagger) Tags() Tags { return Tags{t.book.Load()} }

// Notice takes the type ID of an event, of any: one that tells of tags has them read again soon.
func (t *Tagger) Notice(eventTypeID string) {
	switch newsOf(eventTypeID) {
	case noNews:
		return
	case renamed:
		t.renamed.Store(true)
	}
	select {
	case t.notices <- struct{}{}:
	default:
	}
}

// Run reads tags until ctx or the Tagger has ended. It is to be called once.
func (t *Tagger) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.flying, cancel)()
	now := time.Now()
	plan := schedule{pace: t.pace, interval: t.settings.Interval, next: now, full: now}
	for ctx.Err() == nil {
		due := time.NewTimer(time.Until(plan.next))
		select {
		case <-ctx.Done():
		case <-t.notices:
			plan.notice(time.Now())
		case <-due.C:
			t.step(ctx, &plan)
		}
		due.Stop()
	}
}

// step does what there is to do, and plans the next one.
func (t *Tagger) step(ctx context.Context, plan *schedule) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return
	}
	if t.flying.Err() != nil {
		return // Close may have logged out already
	}
	what, err := t.read(ctx, !time.Now().Before(plan.full))
	switch {
	case ctx.Err() != nil: // the end of ctx is no failure
	case err != nil:
		plan.failed(time.Now(), err)
		t.counts.failures.Add(1)
		t.note(err)
		t.report.failed(err, t.Tags().At(), plan.next)
	default:
		plan.succeeded(time.Now(), what)
		if what != nothingRead {
			t.trouble.Store(nil)
			t.counts.readings.Add(1)
			t.report.succeeded()
		}
	}
}

// reading is how much was read.
type reading int

const (
	nothingRead reading = iota
	newOnesRead
	everythingRead
)

// read reads the tags of new objects, or of all.
func (t *Tagger) read(ctx context.Context, full bool) (reading, error) {
	objects := wanted(t.settings.Objects())
	if len(objects) == 0 {
		return nothingRead, nil
	}
	before := t.book.Load()
	if !full {
		lacking := before.lacks(objects)
		if len(lacking) == 0 {
			return nothingRead, nil
		}
		next, err := t.ask(ctx, before, lacking)
		if err == nil {
			t.book.Store(next)
		}
		return newOnesRead, err
	}
	t.refresh()
	next, err := t.ask(ctx, before, t.asked(objects))
	if err != nil {
		return everythingRead, err
	}
	next = next.only(objects)
	next.at = time.Now()
	t.book.Store(next)
	return everythingRead, nil
}

// refresh forgets names that may have changed, and with them whom vCenter refused.
func (t *Tagger) refresh() {
	now := time.Now()
	if t.renamed.Swap(false) || t.names == nil || now.Sub(t.names.since) >= namesAge {
		t.names, t.refused = newNames(now), map[string]bool{}
	}
}

// asked are the objects that vCenter did not refuse one by one.
func (t *Tagger) asked(objects []object) []object {
	var asked []object
	for _, o := range objects {
		if !t.refused[o.Value] {
			asked = append(asked, o)
		}
	}
	return asked
}

// ask reads the tags of objects, and returns the book with them.
func (t *Tagger) ask(ctx context.Context, before *book, objects []object) (*book, error) {
	t.client.logins = 0
	r := &reader{client: t.client, names: t.names}
	labels, err := r.read(ctx, objects)
	if err != nil {
		return nil, err
	}
	for _, o := range r.refused {
		t.refused[o.Value] = true
	}
	return before.with(labels, r.inVain), nil
}

// Close ends Run, and the session. A login that is on its way is waited for, within ctx.
func (t *Tagger) Close(ctx context.Context) error {
	t.ground()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return t.client.close(ctx)
}

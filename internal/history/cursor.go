package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// closeTimeout bounds the destruction of a cursor's objects in vCenter.
const closeTimeout = 5 * time.Second

// Session is the part of a vSphere session that a cursor needs.
type Session interface {
	// Client makes typed calls.
	Client() *vim25.Client
	// Call makes one raw call and returns the whole answer.
	Call(ctx context.Context, timeout time.Duration, request any) ([]byte, error)
	// Destroy removes an object of ours from vCenter, now or, where that fails, later.
	Destroy(ctx context.Context, object types.ManagedObjectReference) error
	// Now is vCenter's clock.
	Now() time.Time
}

// Kind is a kind of history: how its collectors are made and read.
type Kind struct {
	// Create makes a collector over everything created at or after begin; a zero begin is the history's beginning.
	Create func(ctx context.Context, c *vim25.Client, begin time.Time) (types.ManagedObjectReference, error)
	// ReadNext is the request that reads the next items, at most count.
	ReadNext func(collector types.ManagedObjectReference, count int32) any
}

// Settings are how a cursor reads and waits.
type Settings struct {
	PageSize   int32
	Poll       time.Duration // the longest wait without a doorbell
	Wait       time.Duration // the longest long poll
	APITimeout time.Duration // of one call; a long poll may last Wait longer

	// Rung is told of each answer that rings the doorbell: a WaitForUpdatesEx answer with the collector's latestPage. It is
	// called by the goroutine that listens. May be nil.
	Rung func(answer []byte)
}

// Page is the answer to one read: a SOAP envelope that is complete, and maybe without items.
type Page struct {
	Body  []byte
	Asked time.Time // by vCenter's clock, before the read was sent
	Size  int32     // how many items it was asked for at most
}

// ErrBroken is returned by every read after one that failed.
var ErrBroken = errors.New("the history collector lost its place in a read that failed before")

// Cursor reads one collector of vCenter. Read and Wait are for one goroutine at a time.
type Cursor struct {
	session   Session
	kind      Kind
	settings  Settings
	collector types.ManagedObjectReference
	bell      *doorbell
	broken    bool
}

// Open makes a collector that begins at a time by vCenter's clock, and listens to its doorbell.
// The cursor must be closed.
func Open(ctx context.Context, s Session, kind Kind, begin time.Time, settings Settings) (*Cursor, error) {
	c, err := create(ctx, s, kind, begin, settings)
	if err != nil {
		return nil, err
	}
	c.bell = listen(ctx, s, c.collector, settings)
	return c, nil
}

// Read returns the next page, which may be empty: at the tail, but also where everything in it is hidden
// from the account.
func (c *Cursor) Read(ctx context.Context) (Page, error) {
	if c.broken {
		return Page{}, ErrBroken
	}
	asked, size := c.session.Now(), c.settings.PageSize
	body, err := c.session.Call(ctx, c.settings.APITimeout, c.kind.ReadNext(c.collector, size))
	if err != nil {
		c.broken = true
		return Page{}, fmt.Errorf("read history: %w", err)
	}
	return Page{Body: body, Asked: asked, Size: size}, nil
}

// Resize sets how many items the next Read asks for at most.
func (c *Cursor) Resize(pageSize int32) { c.settings.PageSize = pageSize }

// Wait returns when the doorbell rang since the last Wait, or when a poll is due.
func (c *Cursor) Wait(ctx context.Context) error {
	poll := time.NewTimer(c.settings.Poll)
	defer poll.Stop()
	select {
	case <-c.bell.rung:
		return nil
	case <-poll.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Latest returns the answer of a RetrievePropertiesEx with the collector's latestPage: the newest item that
// is visible and matches, whatever the cursor has read. It is the second opinion on an empty page.
func (c *Cursor) Latest(ctx context.Context) ([]byte, error) {
	body, err := c.session.Call(ctx, c.settings.APITimeout, latestPage(c.session.Client(), c.collector))
	if err != nil {
		return nil, fmt.Errorf("read latest page of history: %w", err)
	}
	return body, nil
}

// LatestOf returns what Latest does, but with as many of the newest items as make a page: those that are hidden from the account
// leave room in it, and nothing else.
func (c *Cursor) LatestOf(ctx context.Context, page int32) (body []byte, err error) {
	if err := c.setLatest(ctx, page); err != nil {
		return nil, err
	}
	body, err = c.Latest(ctx)
	return body, errors.Join(err, c.setLatest(ctx, 1))
}

// Close ends the doorbell and removes the cursor's objects from vCenter. It works on a fresh context: the
// one that ended may be why the cursor is closed.
func (c *Cursor) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	silent := make(chan struct{})
	go func() { c.bell.close(); close(silent) }()
	err := c.destroy(ctx) // beside the doorbell: each can take as long as a call to a black hole
	<-silent
	return err
}

func (c *Cursor) destroy(ctx context.Context) error {
	if err := c.session.Destroy(ctx, c.collector); err != nil {
		return fmt.Errorf("destroy history collector: %w", err)
	}
	return nil
}

func latestPage(client *vim25.Client, collector types.ManagedObjectReference) any {
	return &methods.RetrievePropertiesExBody{Req: &types.RetrievePropertiesEx{
		This:    client.ServiceContent.PropertyCollector,
		SpecSet: []types.PropertyFilterSpec{latestPageFilter(collector)},
	}}
}

func latestPageFilter(collector types.ManagedObjectReference) types.PropertyFilterSpec {
	return types.PropertyFilterSpec{
		PropSet:   []types.PropertySpec{{Type: collector.Type, PathSet: []string{"latestPage"}}},
		ObjectSet: []types.ObjectSpec{{Obj: collector}},
	}
}

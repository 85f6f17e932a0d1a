package history

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v7"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// createTimeout bounds the creation of a property collector, which Close may have to wait for.
const createTimeout = 2 * time.Second

// doorbell rings when a collector's latestPage changes. It has a property collector of its own, for a vCenter
// answers one WaitForUpdatesEx at a time and property collector.
//
// It may fail without harm: a doorbell that is lost costs the time until the next poll, and no event. A
// failure rings too, so that the reader meets the cause (a lost session) at once and not with the next poll.
type doorbell struct {
	session   Session
	collector types.ManagedObjectReference
	settings  Settings

	rung   chan struct{} // receives at most one ring that nobody has answered
	cancel context.CancelFunc
	done   chan struct{} // closed when listening has ended
}

// listen begins to listen, in a goroutine that close ends.
func listen(ctx context.Context, s Session, collector types.ManagedObjectReference, settings Settings) *doorbell {
	ctx, cancel := context.WithCancel(ctx)
	b := &doorbell{
		session: s, collector: collector, settings: settings,
		rung: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{}),
	}
	go func() {
		defer close(b.done)
		b.run(ctx)
	}()
	return b
}

// close ends the listening. It takes as long as vCenter takes to forget the property collector, at most the bounds of
// two calls.
func (b *doorbell) close() {
	b.cancel()
	<-b.done
}

func (b *doorbell) ring() {
	select {
	case b.rung <- struct{}{}:
	default: // one ring is waiting already
	}
}

// run listens until the context ends. The backoff starts anew once a listening has brought an answer.
func (b *doorbell) run(ctx context.Context) {
	pause := &backoff.ExponentialBackOff{
		InitialInterval: 100 * time.Millisecond, MaxInterval: 30 * time.Second,
		Multiplier: 2, RandomizationFactor: backoff.DefaultRandomizationFactor,
	}
	pause.Reset()
	for ctx.Err() == nil {
		if b.attempt(ctx) {
			pause.Reset()
		}
		b.ring()
		select {
		case <-ctx.Done():
		case <-time.After(pause.NextBackOff()):
		}
	}
}

// attempt listens on one property collector until something fails, and reports whether an answer came.
func (b *doorbell) attempt(ctx context.Context) (answered bool) {
	pc, err := b.create(ctx)
	if err != nil {
		return false
	}
	defer b.destroy(ctx, pc)
	if _, err := methods.CreateFilter(ctx, b.session.Client(), &types.CreateFilter{
		This: pc, Spec: latestPageFilter(b.collector),
	}); err != nil {
		return false
	}
	return b.wait(ctx, pc)
}

// create makes the property collector. It is not ended with its context: vCenter would have made one that nobody
// knows the name of.
func (b *doorbell) create(ctx context.Context) (types.ManagedObjectReference, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), createTimeout)
	defer cancel()
	created, err := methods.CreatePropertyCollector(ctx, b.session.Client(), &types.CreatePropertyCollector{
		This: b.session.Client().ServiceContent.PropertyCollector,
	})
	if err != nil {
		return types.ManagedObjectReference{}, err
	}
	return created.Returnval, nil
}

// wait rings with every new version of the collector's latestPage, until something fails.
func (b *doorbell) wait(ctx context.Context, pc types.ManagedObjectReference) (answered bool) {
	for version := ""; ; answered = true {
		body, err := b.session.Call(ctx, b.settings.Wait+b.settings.APITimeout, waitForUpdates(pc, version, b.settings.Wait))
		if err != nil {
			return answered
		}
		next, changed, err := updates(body)
		if err != nil {
			return answered
		}
		if changed {
			version = next
			if b.settings.Rung != nil {
				b.settings.Rung(body)
			}
			b.ring()
		}
	}
}

// destroy works on a fresh context: the one that ended may be why.
func (b *doorbell) destroy(ctx context.Context, pc types.ManagedObjectReference) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = b.session.Destroy(ctx, pc) // the session remembers what it could not destroy
}

func waitForUpdates(pc types.ManagedObjectReference, version string, wait time.Duration) any {
	seconds := int32(wait / time.Second)
	return &methods.WaitForUpdatesExBody{Req: &types.WaitForUpdatesEx{
		This: pc, Version: version, Options: &types.WaitOptions{MaxWaitSeconds: &seconds},
	}}
}

// updates reads the answer of a WaitForUpdatesEx: the version of its update set, or that the wait ended
// without one.
func updates(body []byte) (version string, changed bool, err error) {
	elements, err := soapxml.Body(body)
	if err != nil {
		return "", false, fmt.Errorf("read updates: %w", err)
	}
	version = elements.Text("WaitForUpdatesExResponse", "returnval", "version")
	return version, version != "", nil
}

package accident

import (
	"context"
	"crypto/tls"
	"errors"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// Stage is what accidents happen to. It plays one at a time, and must be closed before its vCenter.
type Stage struct {
	sim         *simulator.Simulator
	traffic     *traffic.Producer
	proxy       *fault.Proxy     // nil: no accidents of the network
	certificate *tls.Certificate // that the proxy had at first
	turn        chan struct{}    // holds one token
	closed      chan struct{}

	restored time.Time // of the turn: when keys were changed the last time, by the vCenter's clock
}

// NewStage makes a stage of a vCenter, of the events that happen in it, and of the proxy before it, which may be nil.
func NewStage(sim *simulator.Simulator, events *traffic.Producer, proxy *fault.Proxy) *Stage {
	s := &Stage{sim: sim, traffic: events, proxy: proxy, turn: make(chan struct{}, 1), closed: make(chan struct{})}
	if proxy != nil {
		s.certificate = proxy.Certificate()
	}
	return s
}

var (
	errNoProxy       = errors.New("it needs the fault proxy")
	errNoCertificate = errors.New("it needs a fault proxy with a certificate")
	errClosed        = errors.New("the stage is closed")
	errNothing       = errors.New("there is no accident left to draw")
)

// Close waits for the accident that is being played, and no other is played after it.
func (s *Stage) Close() {
	s.turn <- struct{}{}
	close(s.closed)
}

// can tells whether a kind can be played here.
func (s *Stage) can(k Kind) error {
	switch {
	case k.Network && s.proxy == nil:
		return errNoProxy
	case k.TLS && s.certificate == nil:
		return errNoCertificate
	}
	return nil
}

// Play plays one accident, without its After, and returns when it is mended.
func (s *Stage) Play(ctx context.Context, a Accident) error {
	k, err := find(a.Kind)
	if err != nil {
		return err
	}
	if err := s.can(k); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-s.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	mend, err := k.play(ctx, s, a)
	if mend == nil {
		return err
	}
	pause(ctx, time.Duration(a.For))
	return errors.Join(err, mend())
}

// pause ends with the context too: an accident that is cut short is mended early.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

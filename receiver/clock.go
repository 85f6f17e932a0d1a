package receiver

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// clock is what is believed of vCenter's clock, which somebody may set back.
type clock struct {
	doubted bool // an event came that is older than everything that a collector was asked for
	setBack bool // the doubt was right: the next pass is due
}

// readClock reads vCenter's clock.
func (s *eventStream) readClock(ctx context.Context, session *vsphere.Session) (time.Time, error) {
	if err := session.Synchronise(ctx); err != nil {
		return time.Time{}, fmt.Errorf("read vCenter's clock: %w", err)
	}
	present := session.Now()
	s.telemetry.skewed(present)
	return present, nil
}

// heedClock sets the position back where vCenter's clock was. It is for the beginning of a pass.
func (s *eventStream) heedClock(present time.Time) {
	s.clock = clock{}
	if s.looked.After(present) {
		s.looked = time.Time{}
	}
	before, back := s.position, false
	if s.position, back = before.Heed(readingOf(present), s.settings.Events.Overlap); !back {
		return
	}
	s.logger.Warn("vCenter's clock was set back behind the position: the position is set back too",
		zap.Time("read_to", before.ReadTo), zap.Time("vcenter_time", present), zap.Time("set_back_to", s.position.ReadTo))
	s.stall.silences = nil // they may end in the future now
	s.saved = time.Time{}  // to be stored soon
	s.telemetry.lag.reset(s.position.ReadTo)
}

// readingOf is the present by vCenter's clock, and by this machine's.
func readingOf(present time.Time) event.Reading {
	return event.Reading{VCenter: present, Here: time.Now()}
}

// save is the position as it is to be stored.
func (s *eventStream) save() event.Position { return s.position.Saved(s.now(), time.Now()) }

// dispel finds out whether a doubt was right.
func (s *eventStream) dispel(ctx context.Context) error {
	if !s.doubted {
		return nil
	}
	present, err := s.readClock(ctx, s.session)
	if err != nil {
		return err
	}
	_, hidden := s.position.Clock.SetBack(readingOf(present))
	s.clock = clock{setBack: hidden || s.position.AheadOf(present)}
	return nil
}

// prune forgets the keys that nobody asks for any more. An event that is older than that was inserted very late; or vCenter's
// clock was set back, and the events of the new time are about to be read again. As long as nobody knows, none is forgotten.
func (s *eventStream) prune(delivered []event.Event) {
	complete := s.position.Delivered.CompleteFrom()
	s.doubted = s.doubted || slices.ContainsFunc(delivered, func(e event.Event) bool { return e.Created.Before(complete) })
	if s.doubted || s.setBack {
		return
	}
	s.position.Prune(s.settings.Events.Overlap, s.pass.Reopen())
	s.leftOut.Prune(s.position.Delivered.CompleteFrom())
}

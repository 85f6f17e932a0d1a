package receiver

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.uber.org/zap"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
)

// refusalsAtOnce is the most records of refusals in one batch.
const refusalsAtOnce = 100

// newSender makes the sender of a stream, and has it tell what becomes of its batches.
func (r *Receiver) newSender(state *status, telemetry *streamTelemetry, observe *receiverhelper.ObsReport) *sender.Sender {
	return sender.NewSender(sender.Settings{
		Next:     r.settings.Logs,
		BackOff:  r.settings.BackOff,
		Drop:     r.settings.Drop,
		Grace:    grace,
		Identify: translate.UID,
		Observe:  observe,
		Format:   "vcenter",
		Refused: func(err error, next time.Duration) {
			telemetry.refusedTry()
			state.hold("the pipeline refused a batch of "+telemetry.name+"; it is sent again until it is accepted, and nothing else of them is delivered meanwhile", "refused", fmt.Errorf("the pipeline refused a batch: %w", err), next)
		},
		Held: func(h sender.Hold) {
			telemetry.heldTry()
			state.hold(advice(h), "refused_for_good", describeHold(h), h.Next)
		},
		Dead: func(l sender.Letter) {
			r.logger.Error("the pipeline refused a record for good: it is not sent again, and kept in a dead letter",
				zap.String("uid", l.UID), zap.String("reason", l.Reason))
		},
		Spared: func(err error) {
			r.logger.Warn("the pipeline refused the record of a refusal", zap.Error(err))
		},
		Accepted: state.fine,
	})
}

// describeHold is what the status says of a batch that is held.
func describeHold(h sender.Hold) error {
	if len(h.Suspects) == 0 {
		return fmt.Errorf("the pipeline refuses every part of a batch: %w", h.Err)
	}
	return fmt.Errorf("the pipeline refuses %s: %w", strings.Join(h.Suspects, ", "), h.Err)
}

// advice is what the log says of a batch that is held, and what can be done.
func advice(h sender.Hold) string {
	if len(h.Suspects) > 0 {
		return "the pipeline refuses a record, and has accepted no other since: it is tried again until another event shows whether that record is to blame, or the back end is mended"
	}
	return "the pipeline refuses a batch as permanent, and every part of it that was tried, so that it is not one record that is to blame: the batch is held, and nothing else is read. " +
		"Check what the back end says: its token, its limits on age and size, its own state; or set on_permanent_error: drop"
}

// without returns the events that were not delivered meanwhile, but for some others.
func (s *eventStream) without(items, others []event.Event) []event.Event {
	taken := make(map[dedup.Key]bool, len(others))
	for i := range others {
		taken[others[i].Identity()] = true
	}
	return slices.DeleteFunc(s.fresh(items), func(e event.Event) bool { return taken[e.Identity()] })
}

// taken remembers the events of a batch that is given back whose records were taken, and sets the others aside. One whose uid an operator
// has changed is sent again. A sweep has come further than the batch, and begins again.
func (s *eventStream) taken(all []event.Event, uids []string) {
	items := slices.DeleteFunc(slices.Clone(all), func(e event.Event) bool { return !slices.Contains(uids, e.UID(s.source.InstanceUUID)) })
	s.position = s.position.Mark(items, s.now())
	s.position.Sweep.Mark(items, s.now())
	s.delivered += len(items)
	s.uncounted = append(s.uncounted, items...)
	s.sweep.running, s.sweep.pass = false, time.Time{}
	s.setAside(all)
}

// join keeps of two pages in which nothing is new what moves the position. They were asked for by when the first was.
func (s *eventStream) join(first, second page[event.Event]) page[event.Event] {
	first.items, first.short = event.Ends(slices.Concat(first.items, second.items)), second.short
	return first
}

// refusals are dead letters that no record has told of yet.
func (s *eventStream) refusals(ctx context.Context) (notice[event.Position], bool) {
	list := s.untold(ctx, s.logger)
	if len(list) == 0 {
		return notice[event.Position]{}, false
	}
	return notice[event.Position]{position: s.save(), logs: s.operators.After(translate.RefusedPayload(s.source, list, s.store.Dated()))}, true
}

func (s *eventStream) reported(position event.Position) {
	s.position = position
	s.tell()
}

// noteNewest notes the last event of a batch that is not in a letter. A record that is stamped like one that was refused as too old
// or as from the future is refused itself.
func (s *eventStream) noteNewest(letters []sender.Letter) {
	for _, e := range slices.Backward(s.last) {
		refused := func(l sender.Letter) bool { return l.UID == e.UID(s.source.InstanceUUID) }
		if !slices.ContainsFunc(letters, refused) {
			s.newest = e.Created
			break
		}
	}
	s.last = nil
}

// tally counts what was delivered, which is all that was settled and is not in a letter.
func (s *eventStream) tally(letters []sender.Letter) {
	if len(letters) > 0 {
		refused := make(map[string]bool, len(letters))
		for _, l := range letters {
			refused[l.UID] = true
		}
		s.uncounted = slices.DeleteFunc(s.uncounted, func(e event.Event) bool { return refused[e.UID(s.source.InstanceUUID)] })
	}
	s.scraping.count(s.source.InstanceUUID, s.catalog, s.uncounted)
	s.uncounted = nil
}

// count notes the letters that are stored now.
func (s *eventStream) count(letters []sender.Letter) {
	s.refused += len(letters)
	s.delivered -= len(slices.DeleteFunc(letters, func(l sender.Letter) bool { return translate.IsGap(l.UID) })) // which was not counted
	s.heed(s.telemetry, s.logger)
}

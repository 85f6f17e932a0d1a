package receiver_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// answered is what otlp_http makes of a status of HTTP.
func answered(code codes.Code, http int) error {
	return fmt.Errorf("not retryable error: %w", consumererror.NewPermanent(status.Errorf(code, "responded with HTTP Status Code %d", http)))
}

var (
	tooLarge     = answered(codes.Unknown, 413)
	unauthorized = answered(codes.Unauthenticated, 401)
	badRequest   = answered(codes.InvalidArgument, 400)
)

// refusing refuses every request that has one of some records.
func refusing(err error, bad ...string) func(int, plog.Logs) error {
	return func(_ int, logs plog.Logs) error {
		if slices.ContainsFunc(remember(logs).uids, func(uid string) bool { return slices.Contains(bad, uid) }) {
			return err
		}
		return nil
	}
}

// refusingAny refuses every request that has a record whose uid is bad.
func refusingAny(bad func(uid string) bool) func(int, plog.Logs) error {
	return func(_ int, logs plog.Logs) error {
		for _, uid := range remember(logs).uids {
			if bad(uid) {
				return tooLarge
			}
		}
		return nil
	}
}

// awaitHold waits until the stream is held for a record.
func (l *lab) awaitHold(uid string) {
	l.t.Helper()
	eventually(l.t, "the hold", func() bool { return l.host.last() != nil && strings.Contains(l.host.last().Error(), uid) })
}

// dead takes one of the events out of those that are expected.
func (l *lab) dead(i int) string {
	uid := l.expects[i]
	l.expects = slices.Delete(slices.Clone(l.expects), i, i+1)
	return uid
}

// wantRefused waits for the records of refusals, and holds log and storage against them.
func (l *lab) wantRefused(uids ...string) {
	l.t.Helper()
	for _, uid := range uids {
		eventually(l.t, "the record of the refusal", func() bool { return slices.Contains(l.sink.uids(), uid+":refused") })
		assert.NotContains(l.t, l.sink.uids(), uid)
	}
	var told []string
	for _, entry := range l.logs.FilterLevelExact(zap.ErrorLevel).FilterMessageSnippet("dead letter").All() {
		told = append(told, entry.ContextMap()["uid"].(string))
		assert.Contains(l.t, entry.ContextMap()["reason"], "HTTP Status Code")
	}
	assert.ElementsMatch(l.t, uids, told)
	assert.Len(l.t, l.letters(), len(uids))
}

// letters are the dead letters on the disk.
func (l *lab) letters() (values []string) {
	for key, value := range l.disk.bytes() {
		if rest, ok := strings.CutPrefix(key, "v1/dead/v1/events/"); ok && strings.Contains(rest, "/") {
			values = append(values, string(value))
		}
	}
	return values
}

// One bad record does not stop the stream, and is not lost in silence.
func TestOneBadRecordDoesNotStopTheStream(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.append(100)
		bad := l.dead(37)
		l.sink.obey(refusing(tooLarge, bad))
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		l.wantRefused(bad)
		l.append(50)
		l.wantEachOnce()
		eventually(t, "status OK", l.host.ok)
		letter := l.letters()[0]
		assert.Contains(t, letter, bad)
		assert.Contains(t, letter, "HTTP Status Code 413")
		assert.Contains(t, letter, "web-01 on esx-01 in DC0 is powered on", "the record as it would have been sent")
		r.stop()

		l.sink.obey(nil)
		l.start()
		l.append(1)
		l.wantEachOnce()
		l.wantRefused(bad)
	})
}

// A wrong token: nothing is given up, status and log say what the back end said and what to do, and everything arrives when it
// is mended.
func TestAPipelineThatRefusesEverythingHoldsTheStream(t *testing.T) {
	for _, refusal := range []error{unauthorized, badRequest, tooLarge} {
		t.Run(refusal.Error(), func(t *testing.T) {
			l := newLab(t, byInsertion)
			l.append(200)
			l.sink.obey(func(int, plog.Logs) error { return refusal })
			l.fromTheBeginning().start()
			eventually(t, "the hold", func() bool {
				return l.host.last() != nil && strings.Contains(l.host.last().Error(), "the pipeline refuses every part of a batch")
			})
			require.ErrorIs(t, l.host.last(), refusal)
			eventually(t, "more tries", func() bool { return l.sink.tried() > 30 })
			assert.LessOrEqual(t, l.reads(), 2)
			warned := l.logs.FilterLevelExact(zap.WarnLevel).FilterMessageSnippet("Check what the back end says")
			require.Equal(t, 1, warned.Len())
			assert.Contains(t, fmt.Sprint(warned.All()[0].ContextMap()["error"]), "HTTP Status Code")
			assert.Empty(t, l.letters())
			l.sink.obey(nil)
			l.wantEachOnce()
			l.wantInOrder()
			l.wantRefused()
			eventually(t, "status OK", l.host.ok)
		})
	}
}

// A bad record that is alone in its batch, as at night: the next events show that it is to blame. They may come on the next page,
// or long after.
func TestABadRecordAloneWaitsForTheNextEvents(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.start()
		l.pinned()
		l.append(1) // behind our own login, which is an event too
		l.wantEachOnce()
		l.forget()
		next := fmt.Sprintf("%s:%d:", l.sim.InstanceUUID(), l.sim.Stats().LastKey+1)
		l.sink.obey(func(_ int, logs plog.Logs) error {
			for _, uid := range remember(logs).uids {
				if strings.HasPrefix(uid, next) && !strings.HasSuffix(uid, ":refused") {
					return tooLarge
				}
			}
			return nil
		})
		l.append(1)
		bad := l.dead(0)
		eventually(t, "the suspicion", func() bool { return l.host.last() != nil && strings.Contains(l.host.last().Error(), bad) })
		l.quiet(200 * time.Millisecond)
		assert.Empty(t, l.letters())
		assert.Equal(t, 1, l.logs.FilterLevelExact(zap.WarnLevel).FilterMessageSnippet("until another event shows").Len())

		l.append(1)
		l.wantEachOnce()
		l.append(1)
		l.wantEachOnce()
		l.wantRefused(bad)
		l.append(20)
		l.wantEachOnce()
		eventually(t, "status OK", l.host.ok)
	})
}

// With pages of one event every bad record is alone. Witnesses are delivered with it, and not again with their own page.
func TestBadRecordsOnPagesOfOne(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 1
		l.append(30)
		bad := []string{l.dead(20), l.dead(12), l.dead(11), l.dead(0)}
		l.sink.obey(refusing(tooLarge, bad...))
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.wantRefused(bad...)
		l.append(3)
		l.wantEachOnce()
	})
}

// The session is lost while a record waits for its witness: neither is lost or doubled.
func TestASessionLostWhileARecordWaitsForItsWitness(t *testing.T) {
	l := newLab(t, byInsertion)
	l.append(1)
	bad := l.dead(0)
	l.sink.obey(func(_ int, logs plog.Logs) error {
		for _, uid := range remember(logs).uids {
			if !strings.HasSuffix(uid, ":refused") && !slices.Contains(l.expects, uid) {
				return tooLarge // also our own noise, so that it is no witness
			}
		}
		return nil
	})
	l.fromTheBeginning().start()
	eventually(t, "the hold", func() bool {
		return l.host.last() != nil && strings.Contains(l.host.last().Error(), "the pipeline refuses")
	})
	l.sim.KillSessions()
	l.quiet(500 * time.Millisecond)
	assert.Empty(t, l.letters())
	l.sink.obey(refusing(tooLarge, bad))
	l.append(5)
	l.wantEachOnce()
	l.wantRefused(bad)
}

// The disk is full when a record is given up: position and letter are stored together when there is room, and once.
func TestALetterOnAFullDisk(t *testing.T) {
	l := newLab(t, byInsertion)
	l.append(50)
	bad := l.dead(25)
	l.sink.obey(refusing(tooLarge, bad))
	l.disk.obey(func(write int) error {
		if write > 1 && write < 10 {
			return errDisk
		}
		return nil
	})
	l.fromTheBeginning().start()
	l.wantEachOnce()
	l.wantRefused(bad)
}

// The process is killed when a record is given up and no record has told of it yet: that is told after the restart.
func TestARefusalIsToldAfterAKill(t *testing.T) {
	l := newLab(t, byInsertion)
	l.append(50)
	bad := l.dead(25)
	l.sink.obey(func(_ int, logs plog.Logs) error {
		if strings.Contains(fmt.Sprint(remember(logs).uids), ":refused") {
			return errRefused
		}
		return refusing(tooLarge, bad)(0, logs)
	})
	r := l.fromTheBeginning().start()
	l.wantEachOnce()
	eventually(t, "the letter", func() bool { return len(l.letters()) == 1 })
	killed := l.disk.copy()
	r.stop()
	l.disk = killed
	l.sink.obey(nil)
	l.append(1)
	l.start()
	l.wantAll()
	l.wantRefused(bad)
	assert.Equal(t, 1, l.taken()[bad+":refused"])
}

// The process is killed when the record of a refusal is accepted, and that is not stored yet: it comes again with the same bytes.
func TestTheRecordOfARefusalIsTheSameAfterAKill(t *testing.T) {
	for _, drop := range []bool{false, true} {
		t.Run(fmt.Sprint("drop ", drop), func(t *testing.T) {
			l := newLab(t, byInsertion)
			l.settings.Drop = drop
			l.append(1)
			bad := l.dead(0)
			var mu sync.Mutex
			var killed *disk
			l.sink.obey(func(_ int, logs plog.Logs) error {
				mu.Lock()
				defer mu.Unlock()
				if killed == nil && slices.Contains(remember(logs).uids, bad+":refused") {
					killed = l.disk.copy()
				}
				return refusing(tooLarge, bad)(0, logs)
			})
			r := l.fromTheBeginning().start()
			eventually(t, "the record of the refusal", func() bool {
				l.append(1)
				l.quiet(20 * time.Millisecond)
				return l.taken()[bad+":refused"] == 1
			})
			r.stop()
			l.disk = killed
			l.start()
			eventually(t, "it comes again", func() bool {
				l.append(1)
				l.quiet(20 * time.Millisecond)
				return l.taken()[bad+":refused"] == 2
			})
			l.wantSameBytes()
		})
	}
}

// on_permanent_error: drop is the collector's plain contract: a request that was refused for good is not sent again.
func TestDropNeverSendsAgain(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Drop = true
	l.append(20)
	refused := 0
	l.sink.obey(func(_ int, logs plog.Logs) error {
		if refused == 0 {
			refused = logs.LogRecordCount()
			return tooLarge
		}
		return nil
	})
	l.fromTheBeginning().start()
	eventually(t, "the letters", func() bool { return len(l.letters()) > 0 && len(l.letters()) == refused })
	gone := l.expects
	l.expects = nil
	l.append(10)
	l.wantEachOnce()
	for _, uid := range gone {
		assert.Zero(t, l.taken()[uid])
	}
	offered, _ := l.sink.seen()
	for _, again := range offered[1:] {
		for _, uid := range offered[0].uids {
			assert.NotContains(t, again.uids, uid)
		}
	}
}

// Past max_elapsed_time what is left of a batch goes into letters, and the stream goes on.
func TestPastTheElapsedTimeTheStreamGoesOn(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.BackOff.MaxElapsedTime = 300 * time.Millisecond
	l.append(20)
	bad := slices.Clone(l.expects)
	l.expects = nil
	l.sink.obey(func(_ int, logs plog.Logs) error {
		if refusing(errRefused, bad...)(0, logs) != nil {
			return errRefused
		}
		return nil
	})
	l.fromTheBeginning().start()
	eventually(t, "the letters", func() bool { return len(l.letters()) >= len(bad) })
	l.append(10)
	l.wantEachOnce()
	for _, uid := range bad {
		eventually(t, "the record of the refusal", func() bool { return l.taken()[uid+":refused"] == 1 })
	}
}

// Bad records end a batch that is not the last of its page: the witness comes from the same page, and is delivered once.
func TestBadRecordsAtTheEndOfABatchTakeAWitnessFromItsPage(t *testing.T) {
	l := newLab(t, byInsertion)
	l.append(1000)
	var bad []string
	l.sink.obey(func(_ int, logs plog.Logs) error {
		uids := remember(logs).uids
		if bad == nil {
			bad = uids[len(uids)-2:]
		}
		return refusing(tooLarge, bad...)(0, logs)
	})
	l.fromTheBeginning().start()
	eventually(t, "the letters", func() bool { return len(l.letters()) == 2 })
	require.Less(t, slices.Index(l.expects, bad[1]), len(l.expects)-1, "there was more on the page")
	l.expects = slices.DeleteFunc(l.expects, func(uid string) bool { return slices.Contains(bad, uid) })
	l.wantEachOnce()
	l.wantRefused(bad...)
}

// While a record waits for a witness, others that nobody wants keep coming.
func TestAWitnessAmongMuchThatIsNotWanted(t *testing.T) {
	l := newLab(t, byInsertion)
	l.filter(event.FilterSettings{Users: []string{"alice"}}).start()
	l.pinned()
	l.quiet(300 * time.Millisecond)
	l.add(l.poweredOnBy("alice"))
	bad := l.dead(0)
	l.sink.obey(refusing(tooLarge, bad))
	l.awaitHold(bad)
	for range 40 {
		l.addUnwanted(l.poweredOff("bob"))
		l.quiet(20 * time.Millisecond)
	}
	l.add(l.poweredOnBy("alice"))
	l.wantEachOnce()
	l.add(l.poweredOnBy("alice"))
	l.wantEachOnce()
	l.wantRefused(bad)
}

// The source is lost while a record that is alone waits for its witness, and nothing else may be taken: another source has it.
func TestASourceLostWhileALoneRecordWaits(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.filter(event.FilterSettings{Users: []string{"alice"}}).start()
		l.pinned()
		l.quiet(300 * time.Millisecond)
		l.add(l.poweredOnBy("alice"))
		bad := l.dead(0)
		l.sink.obey(refusing(tooLarge, bad))
		l.awaitHold(bad)
		l.sim.KillSessions()
		l.addUnwanted(l.poweredOff("bob"))
		l.quiet(500 * time.Millisecond)
		assert.Empty(t, l.letters())
		l.add(l.poweredOnBy("alice"))
		l.wantEachOnce()
		l.add(l.poweredOnBy("alice"))
		l.wantEachOnce()
		l.wantRefused(bad)
	})
}

// A record of a batch is given up, and then the batch is given back, for the source is lost while the last record waits for its
// witness: the first one's letter is stored all the same, once, and told.
func TestALetterOfABatchThatIsGivenBack(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		for range 40 {
			l.add(l.poweredOnBy("alice"))
		}
		last, first := l.dead(39), l.dead(20)
		l.sink.obey(refusing(tooLarge, first, last))
		l.filter(event.FilterSettings{Users: []string{"alice"}}).fromTheBeginning().start()
		l.awaitHold(last)
		l.sim.KillSessions()
		eventually(t, "the loss", func() bool { return l.logs.FilterMessageSnippet("interrupted").Len() > 0 })
		for range 2 {
			l.add(l.poweredOnBy("alice"))
			l.wantEachOnce()
		}
		l.wantRefused(first, last)
	})
}

// A batch is given back, for the source is lost while its last record waits for a witness, and vCenter is gone when the receiver is
// stopped: what was taken of the batch is not sent again.
func TestAStopAfterABatchThatIsGivenBack(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		for range 40 {
			l.add(l.poweredOnBy("alice"))
		}
		last, first := l.dead(39), l.dead(20)
		l.sink.obey(refusing(tooLarge, first, last))
		r := l.filter(event.FilterSettings{Users: []string{"alice"}}).fromTheBeginning().start()
		l.awaitHold(last)
		l.proxy.Add(fault.Rule{Fault: fault.ResetBefore()})
		l.sim.KillSessions()
		eventually(t, "the loss", func() bool { return l.logs.FilterMessageSnippet("interrupted").Len() > 0 })
		r.stop()
		assert.Len(t, l.letters(), 1)
		l.proxy.Clear()

		l.start()
		for range 2 {
			l.add(l.poweredOnBy("alice"))
			l.wantAll()
		}
		l.wantRefused(first, last)
		assert.Empty(t, l.repeated())
	})
}

// Events that are dated ahead, and refused for it, with nothing behind them: where vCenter reads in order of creation, whatever
// happens comes before them. The next pass finds it there.
func TestEventsDatedAheadThatAreRefused(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		l.start()
		l.pinned()
		l.append(3)
		l.wantEachOnce()
		l.forget()
		l.appendAt(l.now().Add(30*time.Minute), 2)
		bad := []string{l.dead(1), l.dead(0)}
		l.sink.obey(refusing(badRequest, bad...))
		l.awaitHold(bad[0])
		eventually(t, "the refusal", func() bool {
			l.append(1)
			l.quiet(100 * time.Millisecond)
			return len(l.letters()) == len(bad)
		})
		l.wantEachOnce()
		l.wantRefused(bad...)
	})
}

// A bad record comes before more than can be read in the time of a pass, for that is dated ahead. What follows it was delivered before,
// up to the end, where its witness is: the pass is not over before that is reached, or the next one would begin with the same record.
func TestABadRecordBeforeMoreThanAPassReads(t *testing.T) {
	l := newLab(t, byCreation)
	l.settings.Events.Overlap, l.settings.Events.PageSize = 2*time.Second, 1
	l.start()
	l.pinned()
	l.appendAt(l.now().Add(5*time.Minute), 30)
	l.wantEachOnce()
	l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 1 << 20, Fault: fault.HoldRequest(fault.After(60 * time.Millisecond))})
	l.append(1)
	bad := l.dead(30)
	l.sink.obey(refusing(tooLarge, bad))
	l.awaitHold(bad)
	l.appendAt(l.now().Add(10*time.Minute), 3)
	l.wantEachOnce()
	l.wantRefused(bad)
}

// An operator drops what follows a record that waits for its witness: that is no witness, and no reason for another try.
func TestAWitnessThatAnOperatorDrops(t *testing.T) {
	l := newLab(t, byInsertion)
	l.operate(operatorConfig{"type": "filter", "expr": `attributes["user.name"] == "bob" or attributes["vcenter.event.type"] startsWith "User"`}).start()
	l.pinned()
	l.quiet(300 * time.Millisecond)
	l.add(l.poweredOnBy("alice"))
	bad := l.dead(0)
	l.sink.obey(refusing(tooLarge, bad))
	l.awaitHold(bad)
	for range 30 {
		l.addUnwanted(l.poweredOff("bob"))
		l.quiet(20 * time.Millisecond)
	}
	l.add(l.poweredOnBy("alice"))
	l.wantEachOnce()
	l.add(l.poweredOnBy("alice"))
	l.wantEachOnce()
	l.wantRefused(bad)
	l.wantNothingUnwanted()
}

// A sink and a disk that change their minds, sessions that are lost, kills, a filter of ours and one of stanza's: each event that is
// wanted is taken, or in a dead letter if it is bad, and nothing is taken twice unless there was a kill.
func TestARefusalAtAnyMoment(t *testing.T) {
	for _, kills := range []bool{false, true} {
		t.Run(fmt.Sprint("kills ", kills), func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				m := &moods{lab: l, random: rand.New(rand.NewPCG(l.seed(), 1)), bad: map[string]bool{}}
				l.settings.Events.Overlap, l.settings.Events.PageSize = 20*time.Second, 1+m.random.IntN(20)
				l.filter(event.FilterSettings{ExcludeUsers: []string{"bob"}}).fromTheBeginning()
				l.operate(operatorConfig{"type": "filter", "expr": `attributes["user.name"] == "carol"`})
				l.sink.obey(m.judge)
				r := l.start()
				for range 60 {
					m.fill()
					if m.swing() && kills {
						killed := l.disk.copy()
						r.stop()
						l.disk = killed
						r = l.start()
					}
					l.quiet(time.Duration(m.random.IntN(60)) * time.Millisecond)
				}
				m.set(0)
				l.disk.obey(nil)
				l.append(10)
				m.wantLetters()
				l.wantAll()
				l.wantNothingUnwanted()
				if !kills {
					assert.Empty(t, l.repeated())
				}
			})
		})
	}
}

// moods are those of a sink and of a disk.
type moods struct {
	*lab
	random *rand.Rand

	mu      sync.Mutex // guards the fields below
	refusal error      // of everything; nil: of bad records only
	bad     map[string]bool
}

func (m *moods) judge(_ int, logs plog.Logs) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refusal != nil {
		return m.refusal
	}
	return refusing(tooLarge, slices.Collect(maps.Keys(m.bad))...)(0, logs)
}

func (m *moods) set(mood int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refusal = []error{nil, unauthorized, errRefused}[mood]
}

// fill appends some events: most are wanted, some are not, and some are bad.
func (m *moods) fill() {
	for range m.random.IntN(15) {
		switch m.random.IntN(8) {
		case 0:
			m.addUnwanted(m.poweredOff("bob"))
		case 1:
			m.addUnwanted(m.poweredOff("carol"))
		case 2:
			m.mu.Lock()
			m.add(m.poweredOnBy("dave"))
			m.bad[m.dead(len(m.expects)-1)] = true
			m.mu.Unlock()
			m.add(m.poweredOnBy("alice")) // where all of a batch are bad, it is the pipeline that refuses
		default:
			m.add(m.poweredOnBy("alice"))
		}
	}
}

// wantLetters waits until each bad event is in a dead letter. Events go on: the last bad one needs a witness.
func (m *moods) wantLetters() {
	m.t.Helper()
	var missing []string
	for begun := time.Now(); time.Since(begun) < patience; m.quiet(100 * time.Millisecond) {
		letters := strings.Join(m.letters(), " ")
		missing = slices.DeleteFunc(slices.Collect(maps.Keys(m.bad)), func(uid string) bool { return strings.Contains(letters, uid) })
		if len(missing) == 0 {
			return
		}
		m.append(1)
	}
	require.Empty(m.t, missing, "bad ones that are in no letter; %d of %d; %s", len(missing), len(m.bad), m.log())
}

// swing changes something, or reports that it is time for a kill.
func (m *moods) swing() (kill bool) {
	switch m.random.IntN(8) {
	case 0:
		if m.inUse() {
			m.sim.KillSessions()
		}
	case 1, 2:
		m.set(m.random.IntN(3))
	case 3:
		m.disk.obey(func(int) error { return errDisk })
	case 4, 5:
		m.disk.obey(nil)
	case 6:
		return true
	}
	return false
}

// The record of a refusal is not stamped like an event that was refused for its time, or it would be refused itself.
func TestTheRecordOfARefusalHasATimeThatIsAccepted(t *testing.T) {
	l := newLab(t, byCreation)
	ahead := l.now().Add(time.Hour)
	l.sink.obey(func(_ int, logs plog.Logs) error {
		for _, resource := range logs.ResourceLogs().All() {
			for _, record := range resource.ScopeLogs().At(0).LogRecords().All() {
				if record.Timestamp().AsTime().After(ahead.Add(-time.Minute)) {
					return badRequest
				}
			}
		}
		return nil
	})
	l.append(3)
	l.sim.Append(poweredOn(ahead))
	last := l.sim.Journal().Last().Event.GetEvent()
	bad := fmt.Sprintf("%s:%d:%d", l.sim.InstanceUUID(), last.Key, last.CreatedTime.UnixMilli())
	l.settings.Events.Overlap = 2 * time.Second
	l.fromTheBeginning().start() // it is the last of its batch
	l.wantEachOnce()
	eventually(t, "the refusal", func() bool {
		l.append(1) // before it, on the next pass
		l.quiet(100 * time.Millisecond)
		return len(l.letters()) > 0
	})
	l.wantEachOnce()
	l.wantRefused(bad)
}

package exporterhelper

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// One bad record, wherever it is in the batch, does not stop the stream, and is not lost in silence.
func TestOneBadRecordIsFound(t *testing.T) {
	for _, n := range []int{2, 3, 4, 5, 8, 100} {
		for bad := range n {
			bubble(t, func(t *testing.T) {
				names := numbered(n)
				tr := newTrial(refusing(413, names[bad]), names...)
				tr.follow = following(10*time.Second, "w")
				proof := tr.settle(t, time.Minute)
				tr.names = append(names, tr.witnesses()...)
				tr.wantEachOnce(t, proof, names[bad])
				if len(tr.held) > 0 {
					last := slices.IndexFunc(tr.sink.at, tr.sink.at[0].Before) - 1
					assert.Equal(t, names[bad:bad+1], tr.sink.requests[last], "nothing was accepted after it in the first try")
				}
				assert.Less(t, tr.sink.sent(), 30)
				assert.Equal(t, 1, tr.accepted)
			})
		}
	}
}

// Kafka's exporter says "message too large" without any status, of a whole batch in one message and of a record.
func TestAMessageTooLarge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		judge := func(names []string) error {
			if slices.Contains(names, "r11") || len(names) > 6 {
				return consumererror.NewPermanent(fmt.Errorf("record size %d exceeds max 6", len(names)))
			}
			return nil
		}
		tr := newTrial(judge, numbered(32)...)
		proof := tr.settle(t, time.Second/2)
		tr.wantEachOnce(t, proof, "r11")
		assert.Contains(t, proof.Letters()[0].Reason, "exceeds max")
	})
}

// The letter has the record as it would have been sent, and not as a processor has left it.
func TestALetterHoldsTheRecordAsItWouldHaveBeenSent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		names := numbered(16)
		tr := newTrial(refusing(413, "r9"), names...)
		letter := tr.settle(t, time.Second/2).Letters()[0]
		assert.Equal(t, time.Now(), letter.Time)
		assert.Contains(t, letter.Reason, "413")
		logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(letter.Record)
		require.NoError(t, err)
		require.Equal(t, 1, logs.LogRecordCount())
		resource := logs.ResourceLogs().At(0)
		number, _ := resource.Resource().Attributes().Get("resource")
		assert.Equal(t, int64(1), number.Int())
		assert.Equal(t, "scope 2", resource.ScopeLogs().At(0).Scope().Name())
		assert.Equal(t, "body of r9", resource.ScopeLogs().At(0).LogRecords().At(0).Body().Str())
	})
}

// A wrong token, a back end whose disk is full, events older than it takes: it is the pipeline that refuses.
func TestASinkThatRefusesEverythingCostsNoRecord(t *testing.T) {
	for _, code := range []int{400, 401, 413, 500} {
		for _, n := range []int{2, 3, 4, 5, 6, 7, 8, 9, 100, 1000} {
			bubble(t, func(t *testing.T) {
				tr := newTrial(func([]string) error { return answered(code) }, numbered(n)...)
				tr.follow = following(time.Millisecond, "w1", "w2", "w3", "w4", "w5")
				tr.hold(t, 10*time.Minute)
				assert.Less(t, tr.largestTry(), 10)
				assert.Empty(t, tr.refused)
				require.NotEmpty(t, tr.held)
				assert.ErrorContains(t, tr.held[0].Err, fmt.Sprint(code), "it is told what the back end said")
				assert.Zero(t, tr.accepted)
				if n >= small {
					assert.Empty(t, tr.held[0].Suspects)
					assert.Equal(t, n, tr.held[0].Records)
				}
			})
		}
	}
}

// One record in five is refused, and so is every group that is large enough to be probed: the others show that it is not the
// pipeline, wherever the bad ones lie.
func TestOneRecordInFiveIsBad(t *testing.T) {
	for first := range 5 {
		for _, n := range []int{5, 7, 9, 20, 100} {
			bubble(t, func(t *testing.T) {
				var bad []string
				for i := first; i < n; i += 5 {
					bad = append(bad, fmt.Sprint("r", i))
				}
				tr := newTrial(refusing(413, bad...), numbered(n)...)
				tr.follow = following(time.Minute, "w")
				proof := tr.settle(t, 10*time.Minute)
				tr.names = append(tr.names, tr.witnesses()...)
				tr.wantEachOnce(t, proof, bad...)
			})
		}
	}
}

// Events older than the back end takes, and one at the end of the batch that is not: the pipeline refuses, and nothing is given up.
// Were that one ever sent alone, all the others would be under suspicion, and what follows the batch would speak against them.
func TestOldRecordsBeforeAYoungOneAreHeld(t *testing.T) {
	for _, n := range []int{5, 6, 8, 100} {
		bubble(t, func(t *testing.T) {
			names := numbered(n)
			tr := newTrial(refusing(400, names[:n-1]...), names...)
			tr.follow = following(time.Second, "w1", "w2", "w3", "w4")
			tr.hold(t, 2*time.Hour)
			assert.Empty(t, tr.sink.taken)
		})
	}
}

// It is mended after an hour: everything arrives, once and in order.
func TestAHeldBatchGoesOnWhenThePipelineIsMended(t *testing.T) {
	bubble(t, func(t *testing.T) {
		begun := time.Now()
		tr := newTrial(func([]string) error {
			if time.Since(begun) < time.Hour {
				return answered(401)
			}
			return nil
		}, numbered(50)...)
		tr.wantEachOnce(t, tr.settle(t, 2*time.Hour))
		assert.Equal(t, tr.names, tr.sink.taken)
		assert.Less(t, tr.sink.at[len(tr.sink.at)-1].Sub(begun), time.Hour+31*time.Second)
	})
}

// Mixed 413 and 500, which otlp_http both calls Unknown and permanent: the back end refuses everything from any request on, for
// any number of them, while a bad record is looked for. Only the bad ones are given up.
func TestARefusalOfEverythingInTheMiddleOfASearchCostsNoRecord(t *testing.T) {
	for _, bad := range []string{"r0", "r3", "r8", "r15"} {
		for from := range 14 {
			for _, lasts := range []time.Duration{time.Nanosecond, time.Minute} {
				bubble(t, func(t *testing.T) {
					var since time.Time
					calls := 0
					tooLarge := refusing(413, bad)
					tr := newTrial(func(names []string) error {
						if calls++; calls == from+1 {
							since = time.Now()
						}
						if !since.IsZero() && time.Since(since) < lasts {
							return answered(500)
						}
						return tooLarge(names)
					}, numbered(16)...)
					tr.follow = following(10*time.Minute, "w1", "w2", "w3")
					tr.set.Accepted = nil
					proof := tr.settle(t, time.Hour)
					tr.names = append(tr.names, tr.witnesses()...)
					tr.wantEachOnce(t, proof, bad)
				})
			}
		}
	}
}

// The same, where the back end is mended in the middle of a search: what it refused alone before that is not to blame.
func TestABackEndThatIsMendedInTheMiddleOfASearchCostsNoRecord(t *testing.T) {
	for _, n := range []int{2, 3, 4, 5, 6, 7, 8, 16} {
		for from := range 8 {
			for lasts := range 12 {
				bubble(t, func(t *testing.T) {
					calls, tooLarge := 0, refusing(413, "r1")
					tr := newTrial(func(names []string) error {
						if calls++; calls > from && calls <= from+lasts {
							return answered(500)
						}
						return tooLarge(names)
					}, numbered(n)...)
					tr.follow = following(10*time.Minute, "w1", "w2", "w3")
					proof := tr.settle(t, time.Hour)
					tr.names = append(tr.names, tr.witnesses()...)
					tr.wantEachOnce(t, proof, "r1")
				})
			}
		}
	}
}

// A retryable refusal in the middle of a search, or of what is left: what was accepted is never sent again, and the rest goes on
// in order.
func TestWhatWasAcceptedIsNotSentAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		tooLarge := refusing(413, "r1")
		tr := newTrial(func(names []string) error {
			if calls++; calls > 6 && calls < 10 {
				return answered(503)
			}
			return tooLarge(names)
		}, numbered(16)...)
		tr.wantEachOnce(t, tr.settle(t, time.Minute), "r1")
		assert.Len(t, tr.refused, 3)
		for _, names := range tr.sink.requests {
			assert.True(t, slices.IsSortedFunc(names, inOrderOf(tr.names)), "%v", names)
		}
	})
}

func inOrderOf(names []string) func(a, b string) int {
	return func(a, b string) int { return slices.Index(names, a) - slices.Index(names, b) }
}

// An exporter that says which records are left over is sent those only.
func TestPartOfTheRecordsIsLeftOver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		tr := newTrial(func(names []string) error {
			if calls++; calls == 1 {
				return fmt.Errorf("exporter: %w", consumererror.NewLogs(errRefused, records("r2", "r5")()))
			}
			return nil
		}, numbered(8)...)
		tr.wantEachOnce(t, tr.settle(t, time.Minute))
		assert.Equal(t, []string{"r2", "r5"}, tr.sink.requests[1])
	})
}

// Beside another exporter that took nothing, or with records that are not ours, it says nothing that could be relied on.
func TestALeftoverThatCannotBeReliedOn(t *testing.T) {
	for name, refusal := range map[string]error{
		"joined":           errors.Join(consumererror.NewLogs(errRefused, records("r2")()), errRefused),
		"unknown records":  consumererror.NewLogs(errRefused, records("r2", "other")()),
		"no records":       consumererror.NewLogs(errRefused, plog.NewLogs()),
		"one of them more": consumererror.NewLogs(errRefused, records("r2", "r2")()),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				calls := 0
				n := &next{answer: func(context.Context, int) error {
					if calls++; calls == 1 {
						return refusal
					}
					return nil
				}}
				set := settings(n)
				set.Identify = nameOf
				proof, err := Send(t.Context(), NewSender(set), Request[string]{Position: "p1", Records: 4, Logs: records(numbered(4)...)})
				requireSettled(t, "p1", proof, err)
				assert.Equal(t, n.got[0], n.got[1], "all of it again")
			})
		})
	}
}

// The end of the context in the middle of a search: nothing is settled, nothing more is sent.
func TestAStopInTheMiddleOfASearch(t *testing.T) {
	for after := range 12 {
		bubble(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			calls := 0
			tooLarge := refusing(413, "r5")
			tr := newTrial(func(names []string) error {
				if calls++; calls == after+1 {
					cancel()
				}
				return tooLarge(names)
			}, numbered(16)...)
			proof, err := tr.send(ctx)
			if err == nil { // the last call of the search
				tr.wantEachOnce(t, proof, "r5")
				return
			}
			require.ErrorIs(t, err, context.Canceled)
			assert.False(t, proof.Valid())
			assert.Equal(t, after+1, tr.sink.sent())
			assert.Empty(t, tr.held)
		})
	}
}

// on_permanent_error: drop is the collector's plain contract: recorded, counted, never sent again.
func TestDropSendsNothingAgainThatWasRefusedForGood(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		tr := newTrial(func([]string) error {
			return []error{answered(503), answered(413)}[min(calls, 1)]
		}, numbered(20)...)
		judge := tr.sink.judge
		tr.sink.judge = func(names []string) error { defer func() { calls++ }(); return judge(names) }
		tr.set.Drop = true
		tr.wantEachOnce(t, tr.settle(t, time.Minute), tr.names...)
		assert.Equal(t, 2, tr.sink.sent())
		assert.Equal(t, tr.names, tr.dead, "in order")
		assert.Zero(t, tr.accepted)
	})
}

// Past max_elapsed_time what is open is given up, whatever the class of its refusal; what was accepted stays accepted.
func TestPastTheElapsedTimeComesTheLetter(t *testing.T) {
	for _, code := range []int{401, 503} {
		bubble(t, func(t *testing.T) {
			begun, calls := time.Now(), 0
			tooLarge := refusing(413, "r0")
			tr := newTrial(func(names []string) error {
				if calls++; calls <= 4 {
					return tooLarge(names)
				}
				return answered(code)
			}, numbered(8)...)
			tr.set.BackOff.MaxElapsedTime = 5 * time.Minute
			proof := tr.settle(t, time.Hour)
			tr.wantEachOnce(t, proof, "r0", "r1", "r4", "r5", "r6", "r7")
			assert.Contains(t, proof.Letters()[0].Reason, fmt.Sprint(code))
			assert.InDelta(t, 5*time.Minute, time.Since(begun), float64(30*time.Second))
		})
	}
}

// A batch that is not worth a letter does not hold the stream either.
func TestASpareBatchIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(func([]string) error { return answered(400) }, "r0", "r1")
		tr.spare = true
		assert.Empty(t, tr.settle(t, time.Second).Letters())
		assert.Len(t, tr.spared, 1)
		assert.Empty(t, tr.dead)
	})
}

// Records that a user's operators have left nothing of need no sending.
func TestAPayloadWithoutRecordsIsSettled(t *testing.T) {
	n := &next{}
	proof, err := Send(t.Context(), NewSender(settings(n)), Request[string]{Position: "p1", Records: 3, Logs: plog.NewLogs})
	requireSettled(t, "p1", proof, err)
	assert.Zero(t, n.tries())
}

// Batches of any size with bad records anywhere, and a back end that refuses everything from any request on,
// for any time, in any way: what is accepted
// and what is dead are all there is, each once, and no record is dead but a bad one.
func TestAnySinkTakesOrRefusesEachRecordOnce(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 8 {
		bubble(t, func(t *testing.T) { anyBatch(t, r) })
	}
}

func anyBatch(t *testing.T, r *rand.Rand) {
	names := numbered(1 + r.IntN(60))
	var bad []string
	for _, name := range names {
		if r.IntN(100) < []int{0, 2, 10, 30}[r.IntN(4)] {
			bad = append(bad, name)
		}
	}
	judge := refusing([]int{400, 413}[r.IntN(2)], bad...)
	var outage time.Time
	code := 0
	tr := newTrial(func(names []string) error {
		switch {
		case time.Now().Before(outage):
		case outage.IsZero() && r.IntN(10) == 0:
			outage, code = time.Now().Add(time.Duration(r.IntN(100))*time.Second+1), []int{401, 500, 503}[r.IntN(3)]
		case r.IntN(10) == 0 && !slices.ContainsFunc(names, func(n string) bool { return slices.Contains(bad, n) }):
			return consumererror.NewLogs(errRefused, records(names[r.IntN(len(names)):]...)())
		default:
			return judge(names)
		}
		return answered(code)
	}, names...)
	tr.follow = func(context.Context) (Build, error) {
		name := fmt.Sprint("w", len(tr.names))
		tr.names = append(tr.names, name)
		return records(name), nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
	defer cancel()
	proof, err := tr.send(ctx)
	if err != nil {
		// Where nothing good is left, and every witness was refused, it is the pipeline's refusal.
		assert.GreaterOrEqual(t, tr.sink.sent(), 10)
		return
	}
	for _, letter := range proof.Letters() {
		assert.Contains(t, bad, letter.UID)
	}
	tr.wantEachOnce(t, proof, tr.dead...)
}

// A record is refused in an outage and another accepted after it; the next outage must not be what convicts the first.
func TestWhatWasAcceptedBeforeTheTryIsNoEvidence(t *testing.T) {
	bubble(t, func(t *testing.T) {
		answers := []error{answered(500), answered(500), nil, answered(503), answered(500), answered(500)}
		tr := newTrial(nil, "r0", "r1")
		tr.sink.judge = func([]string) error {
			if len(answers) == 0 {
				return nil
			}
			defer func() { answers = answers[1:] }()
			return answers[0]
		}
		tr.wantEachOnce(t, tr.settle(t, time.Minute))
	})
}

// The back end takes everything for a moment in the middle of a probe, so that all is searched and comes under suspicion; it takes
// others again for a moment, and refuses everything once more while the suspects are confirmed, and so on. None is to blame.
func TestABackEndThatFlipsWhileSuspectsAreConfirmed(t *testing.T) {
	for _, good := range []int{1, 5, 20} { // requests that are accepted in a row
		for _, bad := range []int{50, 100, 300} { // and refused
			bubble(t, func(t *testing.T) {
				requests, mended := 0, time.Now().Add(time.Hour)
				tr := newTrial(func([]string) error {
					requests++
					if time.Now().After(mended) || requests >= 8 && (requests-8)%(good+bad) < good { // the eighth ends the probe
						return nil
					}
					return answered([]int{401, 413, 500}[requests/(good+bad)%3])
				}, numbered(200)...)
				tr.follow = following(time.Second, "w0", "w1", "w2", "w3")
				proof := tr.settle(t, 3*time.Hour)
				tr.names = append(tr.names, tr.witnesses()...)
				tr.wantEachOnce(t, proof)
			})
		}
	}
}

// The same by chance: each few requests the back end may change its mind, for a moment or for long, and there are bad records too.
func TestABackEndThatChangesItsMindByChance(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	for range 100 {
		bubble(t, func(t *testing.T) {
			left, code, mended := 0, 0, time.Now().Add(time.Hour)
			bad := refusing(413, "r17", "r18", "r111")
			tr := newTrial(func(names []string) error {
				if left--; left < 0 {
					left, code = 40+random.IntN(400), []int{0, 401, 413, 500, 503}[random.IntN(5)]
				}
				if code == 0 || time.Now().After(mended) {
					return bad(names)
				}
				return answered(code)
			}, numbered(200)...)
			tr.follow = following(time.Minute, "w0", "w1", "w2", "w3", "w4", "w5")
			proof := tr.settle(t, 3*time.Hour)
			tr.names = append(tr.names, tr.witnesses()...)
			tr.wantEachOnce(t, proof, "r17", "r18", "r111")
		})
	}
}

// A refusal names what is left, and that is everything: nothing was accepted, which would speak against the records.
func TestARefusalThatLeavesEverythingCostsNoRecord(t *testing.T) {
	for _, n := range []int{2, 3, 5, 8, 100} {
		bubble(t, func(t *testing.T) {
			tr := newTrial(func(names []string) error { return consumererror.NewLogs(answered(413), records(names...)()) }, numbered(n)...)
			tr.follow = following(time.Second, "w1", "w2", "w3")
			tr.hold(t, time.Hour)
		})
	}
}

// A half is refused, but for some of it that was taken: only the rest is sent again.
func TestWhatWasTakenOfARefusedHalfIsNotSentAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(func(names []string) error {
			switch {
			case len(names) > 4:
				return answered(413)
			case slices.Contains(names, "r5"):
				return consumererror.NewLogs(answered(413), records("r5")())
			}
			return nil
		}, numbered(8)...)
		tr.follow = following(time.Second, "w1", "w2", "w3")
		proof := tr.settle(t, time.Minute)
		tr.names = append(tr.names, tr.witnesses()...)
		tr.wantEachOnce(t, proof, "r5")
	})
}

// A record was refused alone between two that were accepted. Then the back end is busy, and refuses everything for a moment: neither
// of them is the second refusal that it takes.
func TestATroubleInTheMiddleOfATryIsNoSecondRefusal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := 0
		tr := newTrial(func([]string) error {
			switch n++; n { // 1 [r0 r1 r2] no, 2 [r0] yes, 3 [r1 r2] no, 4 [r1] no, 5 [r2] yes
			case 1, 3, 4, 7:
				return answered(401)
			case 6: // [r1]
				return answered(503)
			}
			return nil
		}, numbered(3)...)
		tr.wantEachOnce(t, tr.settle(t, time.Minute))
		assert.Len(t, tr.refused, 1)
		assert.Len(t, tr.held, 1)
	})
}

// The back end is busy when the last of a batch is sent alone, behind the suspects: that is told as what it is, and is no suspicion.
func TestABusyBackEndIsNoSuspicionAgainstTheLast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := 0
		tr := newTrial(func([]string) error {
			switch n++; n {
			case 1, 2, 4, 6: // 1 [r0 r1 r2], 2 [r0]; 4 [r0 r1 r2], 5 [r1] yes, 6 [r0]
				return answered(401)
			case 3, 7: // [r1 r2]; [r2]
				return answered(503)
			}
			return nil
		}, numbered(3)...)
		tr.wantEachOnce(t, tr.settle(t, time.Minute))
		assert.Len(t, tr.refused, 2)
		assert.Empty(t, tr.held)
	})
}

// A record alone at the end of a probe was given up meanwhile: the sample was accepted after it.
func TestASuspectOfAProbeIsGivenUpByTheSample(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(func(names []string) error {
			switch {
			case len(names) == 6: // the good one is taken
				return consumererror.NewLogs(answered(413), records(numbered(5)...)())
			case len(names) == 1 && names[0] == "r3":
				return nil
			}
			return answered(413)
		})
		d := &delivery{set: tr.set, request: consume(tr.sink, time.Second), begun: time.Now(), samples: 3}
		d.add(newPart(records(append(numbered(5), "good")...)))
		for _, r := range d.open[:5] {
			r.suspect, r.since = true, time.Now()
		}
		d.open[0].again = true
		_ = d.try(t.Context())
		require.NotEmpty(t, d.letters)
		assert.Equal(t, "r0", d.letters[0].UID)
	})
}

// A back end takes a few requests in a row, one a second on the long run, and is busy else: a search that begins anew each time that it is
// busy would end at the same place for ever.
func TestABackEndThatTakesFewRequestsInARow(t *testing.T) {
	for _, most := range []int{1, 2, 3} {
		for _, bad := range []string{"r0", "r40", "r99"} {
			t.Run(fmt.Sprint(most, " ", bad), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					left, last, judge := most, time.Now(), refusing(400, bad)
					tr := newTrial(func(names []string) error {
						for ; time.Since(last) >= time.Second; last = last.Add(time.Second) {
							left = min(left+1, most)
						}
						if left == 0 {
							return answered(503)
						}
						left--
						return judge(names)
					}, numbered(100)...)
					tr.follow = following(2*time.Second, "w1", "w2", "w3", "w4", "w5", "w6")
					tr.set.BackOff.InitialInterval, tr.set.BackOff.MaxInterval = time.Second, 30*time.Second
					proof := tr.settle(t, time.Hour)
					tr.names = append(tr.names, tr.witnesses()...)
					tr.wantEachOnce(t, proof, bad)
				})
			})
		}
	}
}

// A back end calls a batch invalid and is busy in turns, and asks for minutes each time: a try lasts no longer than max_elapsed_time.
func TestATryEndsWithTheElapsedTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		busy, err := status.New(codes.Unavailable, "busy").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(4 * time.Minute)})
		require.NoError(t, err)
		begun, n := time.Now(), 0
		tr := newTrial(func([]string) error {
			if n++; n%2 == 0 {
				return busy.Err()
			}
			return answered(400)
		}, numbered(64)...)
		tr.set.BackOff.MaxElapsedTime = time.Minute
		assert.Len(t, tr.settle(t, time.Hour).Letters(), 64)
		assert.LessOrEqual(t, time.Since(begun), time.Minute)
	})
}

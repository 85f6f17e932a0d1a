package exporterhelper

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A record that is alone is given up as soon as it is seen to be refused between two that are accepted.
func TestABatchOfOneWaitsForAWitness(t *testing.T) {
	for _, code := range []int{400, 413} {
		bubble(t, func(t *testing.T) {
			begun := time.Now()
			tr := newTrial(refusing(code, "r0"), "r0")
			tr.follow = following(10*time.Second, "w1", "w2")
			tr.set.BackOff.MaxInterval = 30 * time.Second
			proof := tr.settle(t, 5*time.Minute)
			tr.names = append(tr.names, "w1", "w2")
			tr.wantEachOnce(t, proof, "r0")
			assert.GreaterOrEqual(t, time.Since(begun), 20*time.Second)
			require.NotEmpty(t, tr.held)
			assert.Equal(t, []string{"r0"}, tr.held[0].Suspects)
		})
	}
}

// No witness comes: after a minute a record that is called invalid is given up. Anything else may be the pipeline: it holds.
func TestABatchOfOneWithoutAWitness(t *testing.T) {
	bubble(t, func(t *testing.T) {
		begun := time.Now()
		tr := newTrial(refusing(400, "r0"), "r0")
		tr.follow = following(0)
		tr.wantEachOnce(t, tr.settle(t, time.Hour), "r0")
		assert.Equal(t, patience, time.Since(begun))
	})
	for _, code := range []int{401, 413, 500} {
		bubble(t, func(t *testing.T) {
			tr := newTrial(refusing(code, "r0"), "r0")
			tr.follow = following(0)
			tr.hold(t, time.Hour)
			assert.Equal(t, 1, tr.largestTry())
		})
	}
}

// A back end that answers 400 to everything, all day, before a vCenter with an event every five minutes: one is given up, by which it is
// seen that the next one says nothing either. It is held, and ends as soon as something is accepted.
func TestLonelyRecordsOneAfterAnother(t *testing.T) {
	bubble(t, func(t *testing.T) {
		begun := time.Now()
		tr := newTrial(func([]string) error {
			if time.Since(begun) < 5*time.Hour {
				return answered(400)
			}
			return nil
		})
		sender, events := NewSender(tr.set), following(5*time.Minute, numbered(12)...)
		for _, name := range []string{"first", "second"} {
			_, err := Send(t.Context(), sender, Request[int]{Records: 1, Logs: records(name), Follow: events})
			require.NoError(t, err)
		}
		assert.Equal(t, []string{"first"}, tr.dead)
		assert.Contains(t, tr.sink.taken, "second")

		lonely := newTrial(refusing(400, "bad", "worse")) // that the pipeline takes others is enough to believe it once more
		sender = NewSender(lonely.set)
		for _, name := range []string{"bad", "good", "worse"} {
			_, err := Send(t.Context(), sender, Request[int]{Records: 1, Logs: records(name), Follow: following(0)})
			require.NoError(t, err)
		}
		assert.Equal(t, []string{"bad", "worse"}, lonely.dead)
	})
}

// Something that had been refused alone was accepted a moment ago, so that only two witnesses at once can be believed. Events come one
// by one, but quickly: a moment's wait has two of them.
func TestAWitnessIsWaitedForBesideTheFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(scripted(401, 1))
		s := NewSender(tr.set)
		_, err := Send(t.Context(), s, Request[string]{Position: "p1", Records: 1, Logs: records("a"), Follow: following(0)})
		require.NoError(t, err)

		begun := time.Now()
		tr.sink.judge = refusing(413, "x")
		proof, err := Send(t.Context(), s, Request[string]{Position: "p2", Records: 1, Logs: records("x"), Follow: following(200*time.Millisecond, numbered(300)...)})
		requireSettled(t, "p2", proof, err)
		assert.Equal(t, []string{"x"}, tr.dead)
		assert.Less(t, time.Since(begun), 10*time.Second)
	})
}

// Witnesses that come after hours still end the hold.
func TestALateWitness(t *testing.T) {
	bubble(t, func(t *testing.T) {
		begun := time.Now()
		tr := newTrial(refusing(413, "r0"), "r0")
		tr.follow = following(3*time.Hour, "w1", "w2")
		proof := tr.settle(t, 7*time.Hour)
		assert.Equal(t, 6*time.Hour+moment, time.Since(begun))
		tr.names = append(tr.names, "w1", "w2")
		tr.wantEachOnce(t, proof, "r0")
	})
}

// The pipeline refuses everything for a while, and a batch of one with it: nothing is given up, and order is kept.
func TestABatchOfOneWhileThePipelineRefuses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		begun := time.Now()
		tr := newTrial(func([]string) error {
			if time.Since(begun) < time.Hour {
				return answered(401)
			}
			return nil
		}, "r0")
		tr.follow = following(time.Second, "w1", "w2", "w3", "w4", "w5")
		proof := tr.settle(t, 2*time.Hour)
		tr.names = append(tr.names, "w1", "w2", "w3", "w4", "w5")
		tr.wantEachOnce(t, proof)
		assert.Equal(t, tr.names, tr.sink.taken)
		assert.Less(t, tr.largestTry(), 10)
	})
}

// An alarm that flaps at night, and whose events are all refused: a few events after them show it.
func TestBadRecordsOneAfterAnother(t *testing.T) {
	bubble(t, func(t *testing.T) {
		bad := []string{"r0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9"}
		tr := newTrial(refusing(413, bad...), "r0")
		tr.follow = following(5*time.Minute, append(bad[1:], "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8")...)
		tr.set.BackOff.MaxInterval = 30 * time.Second
		proof := tr.settle(t, 2*time.Hour)
		tr.names = append(bad, slices.DeleteFunc(tr.sink.taken, func(name string) bool { return slices.Contains(bad, name) })...)
		tr.wantEachOnce(t, proof, bad...)
	})
}

// Bad records in a row, with good ones accepted before them: they have no witness of their own.
func TestBadRecordsAtTheEndOfABatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(refusing(413, "r4", "r5", "r6", "r7"), numbered(8)...)
		tr.follow = following(time.Minute, "w1", "w2", "w3", "w4")
		proof := tr.settle(t, time.Hour)
		tr.names = append(tr.names, tr.witnesses()...)
		tr.wantEachOnce(t, proof, "r4", "r5", "r6", "r7")
	})
}

// No witness can come any more: the batch is given back, to be sent again with what follows it, and what was taken of it is named.
func TestNoWitnessCanCome(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(refusing(413, "r0"), "r0")
		tr.follow = func(context.Context) (Build, error) { return nil, errLine }
		_, err := tr.send(t.Context())
		require.ErrorIs(t, err, errLine)
		assert.Equal(t, 1, tr.sink.sent())
		assert.Empty(t, tr.dead)

		tr = newTrial(refusing(413, "r4", "r5", "r6", "r7"), numbered(8)...)
		tr.follow = func(context.Context) (Build, error) { return nil, errLine }
		_, err = tr.send(t.Context())
		var back *Returned
		require.ErrorAs(t, err, &back)
		assert.Equal(t, []string{"r0", "r1", "r2", "r3"}, back.Taken)
		assert.Empty(t, tr.dead)
	})
}

// A batch that is given back after a record of it was given up: the letter goes with the next request.
func TestALetterOfABatchThatIsGivenBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(refusing(413, "r3", "r7"), numbered(8)...)
		tr.follow = func(context.Context) (Build, error) { return nil, errLine }
		_, err := tr.send(t.Context())
		var back *Returned
		require.ErrorAs(t, err, &back)
		require.Len(t, back.Letters, 1)
		assert.Equal(t, "r3", back.Letters[0].UID)
		assert.NotContains(t, back.Taken, "r3")

		proof, err := Send(t.Context(), NewSender(tr.set), Request[string]{Position: "p2", Records: 1, Logs: records("r8"), Letters: back.Letters})
		requireSettled(t, "p2", proof, err)
		assert.Equal(t, back.Letters, proof.Letters())
	})
}

var errLine = errors.New("the line is cut")

// Nothing ever follows a bad record, but new ones come before it each time that the batch is given back and read anew: the second
// time it is to blame.
func TestWhatIsKnownOutlivesABatchThatIsGivenBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(refusing(413, "ahead"))
		s := NewSender(tr.set)
		send := func(names ...string) (Settled[string], error) {
			return Send(t.Context(), s, Request[string]{Position: "p1", Records: len(names), Logs: records(names...),
				Follow: func(context.Context) (Build, error) { return nil, errLine }})
		}
		_, err := send("r0", "ahead")
		require.ErrorIs(t, err, errLine)
		_, err = send("ahead")
		require.ErrorIs(t, err, errLine)
		assert.Empty(t, tr.dead)
		_, err = send("r1", "ahead")
		require.NoError(t, err)
		assert.Equal(t, []string{"ahead"}, tr.dead)
	})
}

// A witness may be dropped as it is built: then it says nothing, and there is no try for it.
func TestAWitnessWithoutARecord(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tr := newTrial(refusing(413, "r0"), "r0")
		late := following(time.Minute, "w1", "w2")
		dropped := 0
		tr.follow = func(ctx context.Context) (Build, error) {
			if dropped++; dropped < 100 {
				return records(), nil
			}
			return late(ctx)
		}
		tr.set.BackOff.InitialInterval, tr.set.BackOff.MaxInterval = time.Hour, time.Hour
		proof := tr.settle(t, 2*time.Hour)
		assert.Less(t, tr.sink.sent(), 15)
		tr.names = append(tr.names, "w1", "w2")
		tr.wantEachOnce(t, proof, "r0")
	})
}

// One is accepted, but nothing after it: after a minute what was refused as invalid before and after that one is given up, and
// nothing else.
func TestNothingIsAcceptedAfterTheWitness(t *testing.T) {
	for _, pause := range []time.Duration{moment / 10, 2 * moment} { // two witnesses at once, and one by one
		bubble(t, func(t *testing.T) {
			begun := time.Now()
			tr := newTrial(refusing(400, "r0", "w1"), "r0")
			tr.follow = following(pause, "w1", "w2")
			proof := tr.settle(t, time.Hour)
			tr.names = append(tr.names, "w1", "w2")
			tr.wantEachOnce(t, proof, "r0", "w1")
			assert.InDelta(t, patience, time.Since(begun), float64(10*time.Second))
		})
		bubble(t, func(t *testing.T) {
			tr := newTrial(refusing(413, "r0", "w1"), "r0")
			tr.follow = following(pause, "w1", "w2")
			tr.hold(t, time.Hour)
		})
	}
}

// While a record waits for its witness the end of the context is heeded at once.
func TestAStopWhileWaitingForAWitness(t *testing.T) {
	bubble(t, func(t *testing.T) {
		begun := time.Now()
		tr := newTrial(refusing(413, "r0"), "r0")
		tr.follow = following(0)
		tr.hold(t, 90*time.Second)
		assert.Equal(t, 90*time.Second, time.Since(begun))
	})
}

// The first few witnesses are tried as they come, and each further one with the next try. Of a back end that refuses them all, no more
// are taken in than are believed to be bad in a row.
func TestWitnessesThatAreAllRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		begun := time.Now()
		tr := newTrial(func([]string) error { return answered(413) }, "x")
		tr.set.BackOff.InitialInterval, tr.set.BackOff.MaxInterval = time.Hour, time.Hour
		witnesses := make([]string, 2*maxWitnesses)
		for i := range witnesses {
			witnesses[i] = "w" + numbered(i + 1)[i]
		}
		tr.follow = following(2*time.Second, witnesses...)
		tr.hold(t, 100*time.Hour)
		taken, early := map[string]bool{}, map[string]bool{}
		for i, names := range tr.sink.requests {
			for _, name := range names {
				taken[name] = true
				if tr.sink.at[i].Sub(begun) < time.Hour {
					early[name] = true
				}
			}
		}
		assert.Len(t, early, 1+hasty)
		assert.Len(t, taken, 1+maxWitnesses)
	})
}

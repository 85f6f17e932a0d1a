package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// sent makes a request of records whose uids are single letters; the key of a record is its letter.
func sent(life, status int, uids string) delivery {
	d := delivery{life: life, status: status, size: 10 * len(uids)}
	for _, uid := range uids {
		d.records = append(d.records, record{
			uid: string(uid), key: int64(uid), created: time.Unix(int64(uid), 0), bytes: "bytes of " + string(uid),
		})
	}
	return d
}

// What the validators are tested for themselves must hold through the way they are asked here, too.
func TestValidators(t *testing.T) {
	changed := sent(2, 200, "c")
	changed.records[0].bytes = "other bytes"
	turned := sent(1, 200, "ab")
	turned.records[0].created = time.Unix(1000, 0)
	in := func(order robustness.Order) func(run) error {
		return func(r run) error { return ordered(r, order) }
	}
	abcd := []string{"a", "b", "c", "d"}
	all := func(r run) error { return reliable(r, abcd) }
	known := func(r run) error { return genuine(r, abcd) }
	killed := func(ends string) func(run) error { // k: that life was killed; s: it was stopped
		var lives []robustness.Life
		for i, end := range ends {
			lives = append(lives, robustness.Life{Life: i + 1, Killed: end == 'k'})
		}
		return func(r run) error { return boundedRepeats(r, lives) }
	}
	few := func(r run) error { return small(r, 20) }

	for name, c := range map[string]struct {
		validate func(run) error
		run      run
		want     error
	}{
		"reliable: all":                    {all, run{sent(1, 200, "ab"), sent(1, 200, "cd")}, nil},
		"reliable: refused is missing":     {all, run{sent(1, 200, "abc"), sent(1, 503, "d")}, robustness.ErrUnreliable},
		"genuine: all":                     {known, run{sent(1, 200, "ab")}, nil},
		"genuine: another":                 {known, run{sent(1, 503, "x")}, robustness.ErrInvented},
		"unique: refused before":           {unique, run{sent(1, 503, "ab"), sent(1, 200, "ab")}, nil},
		"unique: repeated":                 {unique, run{sent(1, 200, "ab"), sent(2, 200, "bc")}, robustness.ErrRepeated},
		"bounded: one batch at every kill": {killed("kk"), run{sent(1, 200, "ab"), sent(2, 200, "ab"), sent(3, 200, "ab")}, nil},
		"bounded: two batches": {
			killed("k"), append(inFours(many), sent(2, 200, many)), robustness.ErrRepeated,
		},
		"bounded: one batch at a stop": {killed("s"), run{sent(1, 200, "ab"), sent(2, 200, "ab")}, robustness.ErrRepeated},
		"bounded: without a kill":      {killed(""), run{sent(1, 200, "ab"), sent(1, 200, "b")}, robustness.ErrRepeated},
		"bytes: the same":              {sameBytes, run{sent(1, 200, "ab"), sent(2, 200, "b")}, nil},
		"bytes: changed":               {sameBytes, run{sent(1, 200, "c"), changed}, robustness.ErrBytes},
		"ordered: apart from repeats":  {in(robustness.Insertion), run{sent(1, 200, "abc"), sent(2, 200, "bcd")}, nil},
		"ordered: between requests":    {in(robustness.Insertion), run{sent(1, 200, "ac"), sent(2, 200, "b")}, robustness.ErrOrder},
		"ordered: by key, not by time": {in(robustness.Insertion), run{turned}, nil},
		"ordered: by time":             {in(robustness.Creation), run{sent(1, 200, "ba")}, robustness.ErrOrder},
		"small: at the limit":          {few, run{sent(1, 200, "ab")}, nil},
		"small: over it":               {few, run{sent(1, 200, "abc")}, robustness.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want == nil {
				assert.NoError(t, c.validate(c.run))
			} else {
				assert.ErrorIs(t, c.validate(c.run), c.want)
			}
		})
	}
}

func TestCountsOfARun(t *testing.T) {
	r := run{sent(1, 200, "abc"), sent(1, 503, "defg"), sent(2, 200, "cd"), sent(3, 200, "cde")}
	assert.Equal(t, 5, r.distinct())
	assert.Equal(t, 4, r.largest())
	assert.Equal(t, map[int]int{2: 1, 3: 2}, r.repeats())
}

// many are more records than a batch of four and all that may be accepted with it.
const many = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"

func inFours(names string) (r run) {
	for ; len(names) > 0; names = names[4:] {
		r = append(r, sent(1, 200, names[:4]))
	}
	return r
}

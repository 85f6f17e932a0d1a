package e2e

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/assert"
)

// sent makes a request of records whose uids are single letters; the key of a record is its letter.
func sent(life, status int, uids string) delivery {
	d := delivery{life: life, status: status, size: 10 * len(uids)}
	for _, uid := range uids {
		d.records = append(d.records, record{uid: string(uid), key: int64(uid), bytes: "bytes of " + string(uid)})
	}
	return d
}

func TestValidators(t *testing.T) {
	changed := sent(2, 200, "c")
	changed.records[0].bytes = "other bytes"
	byKey := func(r run) error {
		return ordered(r, func(a, b record) int { return cmp.Compare(a.key, b.key) })
	}
	abcd := []string{"a", "b", "c", "d"}
	all := func(r run) error { return reliable(r, abcd) }
	known := func(r run) error { return genuine(r, abcd) }
	few := func(r run) error { return small(r, 20) }

	for name, c := range map[string]struct {
		validate func(run) error
		run      run
		want     error
	}{
		"reliable: all":                    {all, run{sent(1, 200, "ab"), sent(1, 200, "cd")}, nil},
		"reliable: one missing":            {all, run{sent(1, 200, "abc")}, errUnreliable},
		"reliable: refused is missing":     {all, run{sent(1, 200, "abc"), sent(1, 503, "d")}, errUnreliable},
		"genuine: all":                     {known, run{sent(1, 200, "ab")}, nil},
		"genuine: another":                 {known, run{sent(1, 503, "x")}, errInvented},
		"unique: each once":                {unique, run{sent(1, 200, "ab"), sent(1, 200, "cd")}, nil},
		"unique: refused before":           {unique, run{sent(1, 503, "ab"), sent(1, 200, "ab")}, nil},
		"unique: repeated":                 {unique, run{sent(1, 200, "ab"), sent(2, 200, "bc")}, errRepeated},
		"bounded: one batch after a kill":  {boundedRepeats, run{sent(1, 200, "ab"), sent(2, 200, "ab"), sent(2, 200, "cd")}, nil},
		"bounded: one batch in two parts":  {boundedRepeats, run{sent(1, 200, "ab"), sent(2, 200, "a"), sent(2, 200, "bc")}, nil},
		"bounded: one batch at every kill": {boundedRepeats, run{sent(1, 200, "ab"), sent(2, 200, "ab"), sent(3, 200, "ab")}, nil},
		"bounded: two batches":             {boundedRepeats, run{sent(1, 200, "ab"), sent(1, 200, "c"), sent(2, 200, "ab"), sent(2, 200, "c")}, errRepeated},
		"bounded: without a kill":          {boundedRepeats, run{sent(1, 200, "ab"), sent(1, 200, "b")}, errRepeated},
		"bytes: the same":                  {sameBytes, run{sent(1, 200, "ab"), sent(2, 200, "b")}, nil},
		"bytes: changed":                   {sameBytes, run{sent(1, 200, "c"), changed}, errBytes},
		"bytes: changed after a refusal":   {sameBytes, run{sent(1, 503, "c"), changed}, errBytes},
		"ordered: ascending":               {byKey, run{sent(1, 200, "ab"), sent(1, 200, "cd")}, nil},
		"ordered: apart from repeats":      {byKey, run{sent(1, 200, "abc"), sent(2, 200, "bcd")}, nil},
		"ordered: a refused one is none":   {byKey, run{sent(1, 503, "d"), sent(1, 200, "abcd")}, nil},
		"ordered: within a request":        {byKey, run{sent(1, 200, "ba")}, errOrder},
		"ordered: between requests":        {byKey, run{sent(1, 200, "ac"), sent(2, 200, "b")}, errOrder},
		"small: at the limit":              {few, run{sent(1, 200, "ab")}, nil},
		"small: over it":                   {few, run{sent(1, 200, "abc")}, errTooLarge},
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

func TestOneLargeRecordIsNotTooLarge(t *testing.T) {
	one := sent(1, 200, "a")
	one.size = 1 << 20
	assert.NoError(t, small(run{one}, 10))
}

func TestCountsOfARun(t *testing.T) {
	r := run{sent(1, 200, "abc"), sent(1, 503, "defg"), sent(2, 200, "cd"), sent(3, 200, "cde")}
	assert.Equal(t, 5, r.distinct())
	assert.Equal(t, 4, r.largest())
	assert.Equal(t, map[int]int{2: 1, 3: 2}, r.repeats())
}

package robustness_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// at is so many seconds after noon.
func at(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

// had makes events of single letters. Each is created, and inserted, a second after the one before it.
func had(uids string) (events []robustness.Event) {
	for i, uid := range uids {
		events = append(events, robustness.Event{
			UID: string(uid), Key: int32(i + 1), Created: at(float64(i)), Inserted: at(float64(i)),
		})
	}
	return events
}

// with changes the event of a letter.
func with(events []robustness.Event, uid string, change func(*robustness.Event)) []robustness.Event {
	for i := range events {
		if events[i].UID == uid {
			change(&events[i])
		}
	}
	return events
}

func hidden(e *robustness.Event)  { e.Hidden = true }
func pruned(e *robustness.Event)  { e.Pruned = true }
func late(e *robustness.Event)    { e.Created, e.Late = e.Created.Add(-time.Minute), time.Minute }
func earlier(e *robustness.Event) { e.Created = e.Created.Add(-5 * time.Second) }

// sent makes a request of records that are called by single letters.
func sent(life, status int, uids string) robustness.Attempt {
	a := robustness.Attempt{At: at(100), Life: life, Status: status, Bytes: 10 * len(uids)}
	for _, uid := range uids {
		a.Records = append(a.Records, robustness.Record{UID: string(uid), Hash: robustness.Hash([]byte("bytes of " + string(uid)))})
	}
	return a
}

func unheard(a robustness.Attempt) robustness.Attempt {
	a.Unheard = true
	return a
}

func changed(a robustness.Attempt) robustness.Attempt {
	a.Records[0].Hash++
	return a
}

// gap tells of what was created between two seconds after noon.
func gap(from, to float64) robustness.Attempt {
	return robustness.Attempt{Life: 1, Status: 200, Records: []robustness.Record{
		{UID: "gap", Gap: &robustness.Gap{From: at(from), To: at(to)}},
	}}
}

func refused(uid string) robustness.Attempt {
	return robustness.Attempt{Life: 1, Status: 200, Records: []robustness.Record{{UID: uid + ":refused", Refused: uid}}}
}

// blaming is a refusal for the sake of one record.
func blaming(life int, uids, uid string) robustness.Attempt {
	a := sent(life, 413, uids)
	for i := range a.Records {
		a.Records[i].Blamed = a.Records[i].UID == uid
	}
	return a
}

func sending(attempts ...robustness.Attempt) robustness.Run {
	return robustness.Run{Events: had("abcd"), Attempts: attempts}
}

// of puts other events in the place of a, b, c and d.
func of(r robustness.Run, events []robustness.Event) robustness.Run {
	r.Events = events
	return r
}

// lived says how each life but the last ended: k, it was killed; s, it was stopped.
func lived(r robustness.Run, ends string) robustness.Run {
	for i, end := range ends {
		r.Lives = append(r.Lives, robustness.Life{
			Life: i + 1, Begin: at(float64(10 * i)), Asked: at(float64(10*i + 4)), End: at(float64(10*i + 5)), Killed: end == 'k',
		})
	}
	r.Lives = append(r.Lives, robustness.Life{Life: len(ends) + 1, Begin: at(float64(10 * len(ends)))})
	return r
}

type table map[string]struct {
	run  robustness.Run
	want error
}

// judges has a validator judge each run of a table.
func judges(t *testing.T, validate robustness.Validator, cases table) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.want == nil {
				assert.NoError(t, validate(c.run))
			} else {
				assert.ErrorIs(t, validate(c.run), c.want)
			}
		})
	}
}

func TestReliable(t *testing.T) {
	without := func(change func(*robustness.Event), more ...robustness.Attempt) robustness.Run {
		r := sending(append(more, sent(1, 200, "abc"))...)
		r.Events = with(r.Events, "d", change)
		return r
	}
	since := sending(sent(1, 200, "cd"))
	since.Settings.Since = at(2)
	until := sending(sent(1, 200, "abc"))
	until.Settings.Until = at(2)
	judges(t, robustness.Reliable, table{
		"all":                     {sending(sent(1, 200, "ab"), sent(2, 200, "cd")), nil},
		"one is missing":          {sending(sent(1, 200, "abc")), robustness.ErrUnreliable},
		"refused is missing":      {sending(sent(1, 200, "abc"), sent(1, 503, "d")), robustness.ErrUnreliable},
		"hidden":                  {without(hidden), nil},
		"late is missing":         {without(late), robustness.ErrUnreliable},
		"before the start":        {since, nil},
		"after the end":           {until, nil},
		"refused for good, told":  {sending(blaming(1, "abcd", "d"), sent(1, 200, "abc"), refused("d")), nil},
		"another is to blame":     {sending(blaming(1, "abcd", "c"), sent(1, 200, "abc"), refused("d")), robustness.ErrUnreliable},
		"nothing is to blame":     {sending(sent(1, 413, "abcd"), sent(1, 200, "abc"), refused("d")), robustness.ErrUnreliable},
		"blamed afterwards":       {sending(sent(1, 200, "abc"), refused("d"), blaming(1, "d", "d")), robustness.ErrUnreliable},
		"another is told refused": {sending(blaming(1, "c", "c"), sent(1, 200, "abc"), refused("c")), robustness.ErrUnreliable},
		"told, and dropped":       {without(pruned, gap(2.5, 4)), nil},
		"told, and still there":   {sending(sent(1, 200, "abc"), gap(2.5, 4)), robustness.ErrUnreliable},
		"told amid the others":    {sending(sent(1, 200, "acd"), gap(0.5, 1.5)), robustness.ErrUnreliable},
	})
}

// What is too old for events::max_age is told as a gap, though vCenter still has it.
func TestReliableWithAMaxAge(t *testing.T) {
	aged := func(age time.Duration, reason string) robustness.Run {
		told := gap(0, 1)
		told.At, told.Records[0].Gap.Reason = at(100), reason
		r := sending(told, sent(1, 200, "cd"))
		r.Settings.MaxAge = age
		return r
	}
	judges(t, robustness.Reliable, table{
		"too old":            {aged(90*time.Second, "max_age"), nil},
		"one is not":         {aged(99*time.Second+time.Second/2, "max_age"), robustness.ErrUnreliable},
		"for another reason": {aged(90*time.Second, "retention"), robustness.ErrUnreliable},
		"without a max_age":  {aged(0, "max_age"), robustness.ErrUnreliable},
	})
}

func TestJust(t *testing.T) {
	judges(t, robustness.Just, table{
		"nothing is refused":    {sending(sent(1, 200, "abcd")), nil},
		"for cause":             {sending(blaming(1, "abcd", "d"), sent(1, 200, "abc"), refused("d")), nil},
		"told again":            {sending(blaming(1, "d", "d"), refused("d"), refused("d")), nil},
		"not for cause":         {sending(sent(1, 413, "d"), sent(1, 200, "abc"), refused("d")), robustness.ErrUnjust},
		"though it is accepted": {sending(sent(1, 200, "abcd"), refused("d")), robustness.ErrUnjust},
		"beside the culprit":    {sending(blaming(1, "cd", "d"), refused("c"), refused("d")), robustness.ErrUnjust},
		"the word was refused": {
			sending(sent(1, 200, "abcd"), func() robustness.Attempt { a := refused("d"); a.Status = 503; return a }()), nil,
		},
	})
}

func TestGapTold(t *testing.T) {
	dropped := func(attempts ...robustness.Attempt) robustness.Run {
		return of(sending(append(attempts, sent(1, 200, "cd"))...), with(with(had("abcd"), "a", pruned), "b", pruned))
	}
	before := func(change func(*robustness.Event)) robustness.Run {
		r := dropped(gap(0, 2))
		r.Events, r.Settings.Overlap = with(r.Events, "b", change), time.Minute
		return r
	}
	judges(t, robustness.GapTold, table{
		"nothing is dropped":         {sending(sent(1, 200, "abcd")), nil},
		"dropped before it was read": {dropped(), robustness.ErrUntold},
		"and told":                   {dropped(gap(0, 2)), nil},
		"told from the beginning":    {dropped(robustness.Attempt{Status: 200, Records: []robustness.Record{{Gap: &robustness.Gap{To: at(2)}}}}), nil},
		"told in part":               {dropped(gap(1, 2)), robustness.ErrUntold},
		"told and refused":           {dropped(func() robustness.Attempt { a := gap(0, 2); a.Status = 503; return a }()), robustness.ErrUntold},
		"dropped after it was read":  {dropped(sent(1, 200, "ab")), nil},
		"no gap":                     {sending(sent(1, 200, "abcd"), gap(0, 2)), robustness.ErrNoGap},
		"maybe one":                  {dropped(sent(1, 200, "ab"), gap(0, 2)), nil},
		"stamped before it":          {before(earlier), robustness.ErrUntold},
		"and inserted late":          {before(late), nil},
	})
}

func TestGenuine(t *testing.T) {
	judges(t, robustness.Genuine, table{
		"all":         {sending(sent(1, 200, "ab")), nil},
		"its own":     {sending(gap(0, 1), refused("a")), nil},
		"another":     {sending(sent(1, 503, "x")), robustness.ErrInvented},
		"hidden":      {of(sending(sent(1, 200, "d")), with(had("abcd"), "d", hidden)), robustness.ErrInvented},
		"dropped now": {of(sending(sent(1, 200, "d")), with(had("abcd"), "d", pruned)), nil},
	})
}

func TestUnique(t *testing.T) {
	judges(t, robustness.Unique, table{
		"each once":                 {sending(sent(1, 200, "ab"), sent(1, 200, "cd")), nil},
		"refused before":            {sending(sent(1, 503, "ab"), sent(1, 200, "ab")), nil},
		"repeated":                  {sending(sent(1, 200, "ab"), sent(1, 200, "bc")), robustness.ErrRepeated},
		"twice in a request":        {sending(sent(1, 200, "aa")), robustness.ErrRepeated},
		"nobody heard":              {sending(unheard(sent(1, 200, "ab")), sent(1, 200, "ab")), nil},
		"nobody heard the first":    {sending(unheard(sent(1, 200, "a")), sent(1, 200, "a"), sent(1, 200, "a")), robustness.ErrRepeated},
		"after a kill":              {lived(sending(sent(1, 200, "ab"), sent(2, 200, "bc")), "k"), nil},
		"after a stop":              {lived(sending(sent(1, 200, "ab"), sent(2, 200, "bc")), "s"), robustness.ErrRepeated},
		"within the life after":     {lived(sending(sent(2, 200, "ab"), sent(2, 200, "b")), "k"), robustness.ErrRepeated},
		"a kill, long after a stop": {lived(sending(sent(1, 200, "a"), sent(3, 200, "a")), "sk"), robustness.ErrRepeated},
		"given back by a stop":      {lived(sending(sent(1, 200, "a"), sent(1, 413, "bc"), sent(1, 200, "c"), sent(2, 200, "bc")), "s"), nil},
		"given back, with witness":  {lived(sending(sent(1, 413, "a"), sent(1, 200, "b"), sent(2, 200, "ab")), "s"), nil},
		"given back, not heard":     {lived(sending(sent(1, 200, "a"), unheard(sent(1, 200, "b")), sent(2, 200, "b")), "s"), nil},
		"settled before that":       {lived(sending(sent(1, 200, "a"), sent(1, 200, "b"), sent(1, 503, "c"), sent(2, 200, "abcd")), "s"), robustness.ErrRepeated},
		"settled, refused before":   {lived(sending(sent(1, 503, "a"), sent(1, 200, "a"), sent(1, 503, "c"), sent(2, 200, "acd")), "s"), robustness.ErrRepeated},
		"given back in the middle": {
			lived(sending(sent(1, 413, "abcd"), sent(1, 200, "ab"), sent(2, 200, "ab")), "s"), nil,
		},
		"all but one, given up": {
			lived(sending(sent(1, 413, "abcd"), sent(1, 200, "abc"), refused("d"), sent(2, 200, "a")), "s"), robustness.ErrRepeated,
		},
		"not given back":        {lived(sending(sent(1, 413, "ab"), sent(1, 200, "ab"), sent(2, 200, "ab")), "s"), robustness.ErrRepeated},
		"a stop without a word": {lived(sending(sent(1, 200, "a"), sent(3, 200, "a")), "ks"), nil},
	})
}

// vCenter's clock is set back: keys of the time around its new one may be forgotten.
func TestRepeatsWhereTheClockWasSetBack(t *testing.T) {
	back := func(to float64, again string) robustness.Run {
		r := sending(sent(1, 200, "abcd"), sent(1, 200, again))
		r.Settings.Overlap = 2 * time.Second
		r.Attempts[1].At = at(200)
		r.Accidents = []robustness.Accident{{At: at(140), Until: at(150), Back: at(to)}}
		return r
	}
	early := back(2, "b")
	early.Attempts[1].At = at(145)
	for _, validate := range []robustness.Validator{robustness.Unique, func(r robustness.Run) error {
		r.Lives = []robustness.Life{{Life: 1}}
		return robustness.Unique(r)
	}} {
		judges(t, validate, table{
			"an overlap before the new time": {back(2, "bcd"), nil},
			"further back":                   {back(2, "a"), robustness.ErrRepeated},
			"what is newer":                  {back(-4, "d"), robustness.ErrRepeated},
			"before it was set back":         {early, robustness.ErrRepeated},
		})
	}
	many := back(2, "bcd")
	many.Attempts = append(many.Attempts[:1:1], sent(1, 200, "bcd"))
	many.Attempts[1].At = at(200)
	assert.NoError(t, robustness.BoundedRepeats(many))
}

func TestBoundedRepeats(t *testing.T) {
	const (
		many   = "abcdefghij"
		first  = "abcdefghijklmnopqrstuvwxyzABCDE"
		second = "FGHIJKLMNOPQRSTUVWXYZ0123456789"
	)
	judges(t, robustness.BoundedRepeats, table{
		"one batch after a kill":  {lived(sending(sent(1, 200, "xy"), sent(1, 200, many), sent(2, 200, many)), "k"), nil},
		"one batch in two parts":  {lived(sending(sent(1, 503, many), sent(1, 200, "abcde"), sent(1, 200, "fghij"), sent(2, 200, many)), "k"), nil},
		"one batch at every kill": {lived(sending(sent(1, 200, many), sent(2, 200, many), sent(3, 200, many)), "kk"), nil},
		"a life that sent nothing": {
			lived(sending(sent(1, 200, many), sent(3, 200, many)), "kk"), nil,
		},
		"two batches": {
			lived(sending(sent(1, 200, first), sent(1, 200, second), sent(2, 200, first+second)), "k"), robustness.ErrRepeated,
		},
		"one batch, and those that were taken in": {
			lived(sending(sent(1, 200, "a"), sent(1, 200, "bcd"), sent(2, 200, "abcd")), "k"), nil,
		},
		"one batch, heard at last": {
			lived(sending(sent(1, 200, many), unheard(sent(2, 200, many)), unheard(sent(2, 200, many)), sent(2, 200, many)), "k"), nil,
		},
		"one batch, over two lives": {
			lived(sending(sent(1, 200, many), sent(2, 200, "ab"), sent(3, 200, "cdefghij")), "kk"), nil,
		},
		"one batch a kill, and then two": {
			lived(sending(sent(1, 200, first), sent(1, 200, second), sent(2, 200, first), sent(2, 200, second), sent(3, 200, first+second)), "kk"), robustness.ErrRepeated,
		},
	})
}

func TestSameBytes(t *testing.T) {
	judges(t, robustness.SameBytes, table{
		"the same":                {sending(sent(1, 200, "ab"), sent(2, 200, "b")), nil},
		"changed":                 {sending(sent(1, 200, "c"), changed(sent(2, 200, "c"))), robustness.ErrBytes},
		"changed after a refusal": {sending(sent(1, 503, "c"), changed(sent(1, 200, "c"))), robustness.ErrBytes},
	})
}

func TestOrdered(t *testing.T) {
	by := func(order robustness.Order, r robustness.Run) robustness.Run {
		r.Settings.Order = order
		return r
	}
	turned := with(had("abcd"), "c", earlier) // created before a
	judges(t, robustness.Ordered, table{
		"ascending":             {sending(sent(1, 200, "ab"), sent(1, 200, "cd")), nil},
		"apart from repeats":    {sending(sent(1, 200, "abc"), sent(2, 200, "bcd")), nil},
		"a refused one is none": {sending(sent(1, 503, "d"), sent(1, 200, "abcd")), nil},
		"within a request":      {sending(sent(1, 200, "ba")), robustness.ErrOrder},
		"between requests":      {sending(sent(1, 200, "ac"), sent(2, 200, "b")), robustness.ErrOrder},
		"late":                  {of(sending(sent(1, 200, "abdc")), with(had("abcd"), "c", late)), nil},
		"dated ahead": {
			of(sending(sent(1, 200, "abdc")), with(had("abcd"), "c", func(e *robustness.Event) { e.Late = -time.Hour })), nil,
		},
		"by insertion":                           {by(robustness.Insertion, of(sending(sent(1, 200, "abcd")), turned)), nil},
		"by insertion, not creation":             {by(robustness.Insertion, of(sending(sent(1, 200, "cabd")), turned)), robustness.ErrOrder},
		"by creation":                            {by(robustness.Creation, of(sending(sent(1, 200, "cabd")), turned)), nil},
		"by creation, turned":                    {by(robustness.Creation, sending(sent(1, 200, "acbd"))), robustness.ErrOrder},
		"by creation, as the clock was set back": {by(robustness.Creation, of(sending(sent(1, 200, "abdc")), turned)), nil},
		"by vCenter":                             {of(sending(sent(1, 200, "acbd")), with(had("abcd"), "c", func(e *robustness.Event) { e.Instance = "other" })), nil},
		"refused, and taken apart":               {sending(sent(1, 413, "abcd"), sent(1, 200, "cd"), sent(1, 200, "ab")), nil},
		"refused, and sent again":                {sending(sent(1, 503, "ab"), sent(1, 200, "cd"), sent(1, 200, "ab")), robustness.ErrOrder},
		"the receiver's own have none":           {sending(sent(1, 200, "ab"), gap(0, 1), sent(1, 200, "cd")), nil},
	})
}

// What comes while cursors are stuck is in order, unless it is between two pages that are hidden as a whole.
func TestOrderedWhileCursorsAreStuck(t *testing.T) {
	const page = 1000
	late := func(before, behind int) robustness.Run {
		r := sending(sent(1, 200, "acbd"))
		r.Events = slices.Concat(r.Events[:1], hiddenRow(before), r.Events[1:2], hiddenRow(behind), r.Events[2:])
		r.Accidents = []robustness.Accident{{At: at(2), Until: at(3), Stuck: true}}
		return r
	}
	well := late(page, page)
	well.Accidents = nil
	over := late(page, page)
	over.Accidents[0].At, over.Accidents[0].Until = at(0), at(0.5)
	judges(t, robustness.Ordered, table{
		"between two pages":        {late(page, page), nil},
		"behind one":               {late(page, page-1), robustness.ErrOrder},
		"before one":               {late(page-1, page), robustness.ErrOrder},
		"cursors are well":         {well, robustness.ErrOrder},
		"it was over when it came": {over, robustness.ErrOrder},
	})
}

// hiddenRow makes so many events in a row that the account may not see, created right after the first of had.
func hiddenRow(n int) []robustness.Event {
	row := make([]robustness.Event, n)
	for i := range row {
		row[i] = robustness.Event{Created: at(1), Inserted: at(1), Hidden: true}
	}
	return row
}

// Of two pages that were read for one call, one comes with the next pass.
func TestOrderedWhereReadsAreExecutedTwice(t *testing.T) {
	twice := func(from, to float64) robustness.Run {
		r := sending(sent(1, 200, "acdb"))
		r.Accidents = []robustness.Accident{{At: at(from), Until: at(to), Twice: true}}
		return r
	}
	judges(t, robustness.Ordered, table{
		"while it waited":  {twice(2, 3), nil},
		"before it came":   {twice(0, 0.5), robustness.ErrOrder},
		"after it arrived": {twice(200, 300), robustness.ErrOrder},
	})
}

func TestSmall(t *testing.T) {
	limited := func(a robustness.Attempt, limit int) robustness.Run {
		r := sending(a)
		r.Settings.Limit = limit
		return r
	}
	judges(t, robustness.Small, table{
		"at the limit":      {limited(sent(1, 200, "ab"), 20), nil},
		"over it":           {limited(sent(1, 503, "abc"), 20), robustness.ErrTooLarge},
		"one record may be": {limited(sent(1, 200, "a"), 5), nil},
		"no limit":          {limited(sent(1, 200, "abcd"), 0), nil},
	})
}

// Another vCenter was at the address: what that had is another's, and may be absent.
func TestAnotherVCenter(t *testing.T) {
	r := sending(sent(1, 200, "abc"))
	r.Events = with(r.Events, "d", func(e *robustness.Event) { e.Instance, e.Passing = "other", true })
	assert.NoError(t, robustness.Judge(r, robustness.Reliable, robustness.Genuine))
	r = lived(sending(sent(1, 200, "ab")), "k")
	r.Attempts[0].At = at(5)
	r.Events = with(r.Events, "c", func(e *robustness.Event) { e.Instance = "other" })
	r.Openings = []robustness.Opening{{At: at(1)}, {At: at(11), Begin: at(3)}}
	assert.NoError(t, robustness.Resumable(r))
	r.Openings[1].Instance = "other"
	assert.ErrorIs(t, robustness.Resumable(r), robustness.ErrSkipped)
}

func TestResumable(t *testing.T) {
	// The first life delivers "ab"; the second one begins at 10 s, and reads from there.
	resuming := func(begin time.Time, attempts ...robustness.Attempt) robustness.Run {
		r := lived(sending(attempts...), "k")
		for i := range r.Attempts {
			r.Attempts[i].At = at(float64(r.Attempts[i].Life)*10 - 5)
		}
		r.Openings = []robustness.Opening{{At: at(1)}, {At: at(11), Begin: begin}}
		return r
	}
	judges(t, robustness.Resumable, table{
		"from where it was":       {resuming(at(2), sent(1, 200, "ab"), sent(2, 200, "cd")), nil},
		"skips":                   {resuming(at(3), sent(1, 200, "ab"), sent(2, 200, "cd")), robustness.ErrSkipped},
		"skips what was refused":  {resuming(at(3), sent(1, 200, "ab"), sent(1, 503, "c"), sent(2, 200, "cd")), robustness.ErrSkipped},
		"skips what was given up": {resuming(at(3), sent(1, 200, "ab"), blaming(1, "c", "c"), refused("c"), sent(2, 200, "d")), nil},
		"skips what was not to blame": {
			resuming(at(3), sent(1, 200, "ab"), refused("c"), sent(2, 200, "d")), robustness.ErrSkipped,
		},
		"skips what is late": {
			of(resuming(at(2), sent(1, 200, "ab"), sent(2, 200, "cd")), with(had("abcd"), "d", late)), robustness.ErrSkipped,
		},
		"skips what is hidden": {of(resuming(at(3), sent(1, 200, "ab"), sent(2, 200, "d")), with(had("abcd"), "c", hidden)), nil},
		"only the first collector counts": {
			func() robustness.Run {
				r := resuming(at(2), sent(1, 200, "ab"), sent(2, 200, "cd"))
				r.Openings = append(r.Openings, robustness.Opening{At: at(12), Begin: at(4)})
				return r
			}(), nil,
		},
		"never opened": {lived(sending(sent(1, 200, "abcd")), "k"), nil},
	})
}

// A long run is needed to tell that a start goes too far back: the position is a page or two behind.
func TestResumableRereads(t *testing.T) {
	resuming := func(begin time.Time) robustness.Run {
		r := lived(robustness.Run{Settings: robustness.Settings{Overlap: 10 * time.Second}}, "k")
		all := sent(1, 200, "")
		for i := range 5000 {
			e := robustness.Event{UID: string(rune(i)), Created: at(float64(i)), Inserted: at(1)}
			r.Events = append(r.Events, e)
			all.Records = append(all.Records, robustness.Record{UID: e.UID})
		}
		all.At = at(5)
		r.Attempts = []robustness.Attempt{all}
		r.Openings = []robustness.Opening{{At: at(11), Begin: begin}}
		r.Lives[0].Begin = at(-10)
		return r
	}
	bad := resuming(time.Time{})
	bad.Accidents = []robustness.Accident{{At: at(1), Until: at(2), Cut: true}}
	short := resuming(time.Time{})
	short.Lives[0].Begin = at(0)
	judges(t, robustness.Resumable, table{
		"one overlap":     {resuming(at(2999 - 10)), nil},
		"two overlaps":    {resuming(at(2999 - 20)), robustness.ErrReread},
		"from the start":  {resuming(time.Time{}), robustness.ErrReread},
		"a short life":    {short, nil},
		"a bad line":      {bad, nil},
		"from the newest": {resuming(at(4999)), nil},
	})
}

func TestSessionsBounded(t *testing.T) {
	session := func(since float64, collectors int) robustness.Session {
		return robustness.Session{Key: at(since).String(), Since: at(since), Collectors: collectors}
	}
	census := func(seconds float64, sessions ...robustness.Session) robustness.Census {
		return robustness.Census{At: at(seconds), Sessions: sessions}
	}
	// The first life lasts from 0 to 5 s, the second one from 10 s on.
	counting := func(ends string, censuses ...robustness.Census) robustness.Run {
		return lived(robustness.Run{Settings: robustness.Settings{Idle: 30 * time.Second}, Censuses: censuses}, ends)
	}
	cut := func(r robustness.Run, from, to float64) robustness.Run {
		r.Accidents = append(r.Accidents, robustness.Accident{At: at(from), Until: at(to), Cut: true})
		return r
	}
	// making has a call executed so often between two times.
	making := func(r robustness.Run, method string, from, to float64, times int) robustness.Run {
		r.Makings = append(r.Makings, robustness.Making{Method: method, At: at(from), Until: at(to), Times: times})
		return r
	}
	passed := func(r robustness.Run) robustness.Run {
		r.Makings[len(r.Makings)-1].Passed = true
		return r
	}
	reset := func(r robustness.Run, from, to float64) robustness.Run {
		r.Accidents = append(r.Accidents, robustness.Accident{At: at(from), Until: at(to), Reset: true})
		return r
	}
	two := func(seconds float64) robustness.Run {
		return counting("", census(seconds, session(2, 0), session(3, 1)))
	}
	slow := func(timeout time.Duration) robustness.Run {
		r := passed(making(two(4), "Login", 1, 3, 1))
		r.Settings.Timeout = timeout
		return r
	}
	timed := func(timeout time.Duration, c robustness.Census) robustness.Run {
		r := counting("s", c)
		r.Settings.Timeout = timeout
		return r
	}
	holding := func(n int) robustness.Run {
		return counting("", census(34, robustness.Session{Since: at(2), Collectors: 1, Others: n}))
	}
	judges(t, robustness.SessionsBounded, table{
		"one":                        {counting("s", census(1), census(2, session(2, 0)), census(3, session(2, 1)), census(6)), nil},
		"one after another":          {counting("s", census(2, session(2, 1)), census(3), census(4, session(4, 1)), census(6)), nil},
		"two at a time":              {counting("s", census(4, session(2, 1), session(3, 0))), robustness.ErrSessions},
		"two collectors":             {counting("s", census(3, session(2, 2))), robustness.ErrCollectors},
		"left by a stop":             {counting("s", census(6, session(2, 0))), robustness.ErrLeft},
		"left by a kill":             {counting("k", census(6, session(2, 1)), census(12, session(2, 1), session(11, 1))), nil},
		"two left by a kill":         {counting("k", census(6, session(2, 1), session(3, 1))), robustness.ErrSessions},
		"left by a kill, idle":       {counting("k", census(41, session(2, 1), session(11, 1))), robustness.ErrLeft},
		"begun before any life":      {counting("k", census(3, session(-1, 0))), robustness.ErrLeft},
		"answered after a kill":      {counting("k", census(12, session(6, 0), session(11, 1))), nil},
		"left by a slow stop":        {timed(time.Second, census(6, session(2, 1))), nil},
		"left by a stop in time":     {timed(5*time.Second, census(6, session(2, 1))), robustness.ErrLeft},
		"left in the dark":           {cut(counting("s", census(6, session(2, 1))), 4, 5), nil},
		"left after the dark":        {cut(counting("s", census(26, session(12, 1))), 4, 5), nil},
		"a login was lost":           {making(two(4), "Login", 2, 2.5, 1), nil},
		"it was lost before":         {making(two(4), "Login", -8, -7, 1), robustness.ErrSessions},
		"it is lost afterwards":      {making(two(4), "Login", 5, 6, 1), robustness.ErrSessions},
		"and idle for too long":      {making(two(40), "Login", 2, 2.5, 1), robustness.ErrSessions},
		"it was heard":               {passed(making(two(4), "Login", 2, 2.5, 1)), robustness.ErrSessions},
		"it was executed twice":      {passed(making(two(4), "Login", 2, 2.5, 2)), nil},
		"it was never executed":      {making(two(4), "Login", 2, 2.5, 0), robustness.ErrSessions},
		"what was lost was another":  {making(two(4), "CreateFilter", 2, 2.5, 1), robustness.ErrSessions},
		"a login was given up":       {slow(3 * time.Second), nil},
		"a login was slow":           {slow(5 * time.Second), robustness.ErrSessions},
		"a reset line":               {reset(passed(making(two(4), "Login", 2, 2.5, 1)), 2.2, 9), nil},
		"reset before it was read":   {reset(passed(making(two(4), "Login", 2, 2.5, 1)), 1, 3), nil},
		"reset when it was read":     {reset(passed(making(two(4), "Login", 2, 2.5, 1)), 3.6, 9), robustness.ErrSessions},
		"the line was bad long ago":  {cut(two(900), 3, 3.01), robustness.ErrSessions},
		"a lost one stays":           {making(counting("s", census(6, session(3, 0))), "Login", 2, 2.5, 1), nil},
		"and another one":            {making(counting("s", census(6, session(2, 0), session(3, 0))), "Login", 2, 2.5, 1), robustness.ErrLeft},
		"a collector was lost":       {making(counting("", census(34, session(2, 2))), "CreateCollectorForEvents", 3, 4, 1), nil},
		"two were lost":              {making(counting("", census(34, session(2, 3))), "CreateCollectorForEvents", 3, 4, 1), robustness.ErrCollectors},
		"lost in another session":    {making(counting("", census(34, session(5, 2))), "CreateCollectorForEvents", 3, 4, 1), robustness.ErrCollectors},
		"many strays":                {cut(counting("", census(8, session(2, 20))), 3, 4), robustness.ErrCollectors},
		"two could not be destroyed": {cut(counting("", census(8, session(2, 3))), 3, 4), nil},
		"a handful of others":        {holding(4), nil},
		"thousands of others":        {holding(10_000), robustness.ErrObjects},
		"asked before the end": {
			counting("s", robustness.Census{Asked: at(4.9), At: at(7), Sessions: []robustness.Session{session(2, 1)}}), nil,
		},
		"asked after it": {
			counting("s", robustness.Census{Asked: at(5.1), At: at(7), Sessions: []robustness.Session{session(2, 1)}}), robustness.ErrLeft,
		},
		"made until it was answered": {
			making(counting("", robustness.Census{Asked: at(1), At: at(4), Sessions: []robustness.Session{session(2, 0), session(3, 0)}}), "Login", 2, 2.5, 1), nil,
		},
	})
}

func TestPrudent(t *testing.T) {
	// Lives begin at 0 and 10 s.
	refused := func(ends string, seconds ...float64) robustness.Run {
		r := lived(robustness.Run{}, ends)
		for _, s := range seconds {
			r.Rejections = append(r.Rejections, robustness.Rejection{At: at(s)})
		}
		return r
	}
	unheard := func(r robustness.Run, from, to float64) robustness.Run {
		r.Makings = []robustness.Making{{Method: "Login", At: at(from), Until: at(to), Times: 1}}
		return r
	}
	judges(t, robustness.Prudent, table{
		"once":                 {refused("", 1), nil},
		"again":                {refused("", 1, 3), robustness.ErrImprudent},
		"again after a minute": {refused("", 1, 62, 190), nil},
		"in the next life":     {refused("k", 1, 11), nil},
		"not heard":            {unheard(refused("", 1, 3), 0.9, 1.1), nil},
		"another not heard":    {unheard(refused("", 1, 3), 0.2, 0.3), robustness.ErrImprudent},
	})
}

// A kill counts where there was something to lose.
func TestKills(t *testing.T) {
	r := lived(sending(sent(1, 503, "a"), sent(2, 200, "a"), sent(4, 200, "b")), "kkksk") // begun at 0, 10, 20, 30, 40
	r.Openings = []robustness.Opening{{At: at(21)}, {At: at(41)}}
	all, struck := r.Kills()
	assert.Equal(t, 4, all)
	assert.Equal(t, 3, struck, "not the first")
}

func TestJudgeSaysAllThatIsBroken(t *testing.T) {
	r := lived(sending(sent(1, 200, "abb")), "")
	err := robustness.Judge(r)
	assert.ErrorIs(t, err, robustness.ErrUnreliable)
	assert.ErrorIs(t, err, robustness.ErrRepeated)
	assert.ErrorContains(t, err, `2, such as ["c" "d"]`)
	assert.NoError(t, robustness.Judge(r, robustness.Ordered))
	assert.NoError(t, robustness.Judge(lived(sending(sent(1, 200, "abcd")), "")))
}

package accident

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
	"time"
)

// Options are what a seed's accidents are drawn from. Zero values are replaced by defaults.
type Options struct {
	Only    []string      // kinds; none: all with a weight
	Without []string      // kinds
	Pace    time.Duration // the mean pause between two; default 2 s
	Longest time.Duration // how long one lasts at most; default 5 s
	Late    time.Duration // how late an event is, or how far a clock is wrong, at most; default 4 min
}

func (o Options) withDefaults() Options {
	o.Pace = cmp.Or(o.Pace, 2*time.Second)
	o.Longest = cmp.Or(o.Longest, 5*time.Second)
	o.Late = cmp.Or(o.Late, 4*time.Minute)
	return o
}

// kinds are those that are drawn from, with their weights.
func (o Options) kinds() ([]Kind, error) {
	for _, name := range slices.Concat(o.Only, o.Without) {
		if _, err := find(name); err != nil {
			return nil, err
		}
	}
	var all []Kind
	for _, k := range Kinds() {
		if slices.Contains(o.Only, k.Name) {
			k.Weight = max(k.Weight, 1)
		} else if len(o.Only) > 0 {
			k.Weight = 0
		}
		if k.Weight > 0 && !slices.Contains(o.Without, k.Name) {
			all = append(all, k)
		}
	}
	if len(all) == 0 {
		return nil, errNothing
	}
	return all, nil
}

// plan is all that a seed's accidents depend on.
type plan struct {
	seed    uint64
	options Options
	kinds   []Kind
	weights int
	rare    int // of them, those of the kinds that are drawn once
}

func newPlan(seed uint64, o Options) (plan, error) {
	p := plan{seed: seed, options: o.withDefaults()}
	var err error
	p.kinds, err = o.kinds()
	for _, k := range p.kinds {
		p.weights += k.Weight
		if k.Once {
			p.rare += k.Weight
		}
	}
	return p, err
}

// at is the nth accident, from 0. Where one was drawn of what is drawn once, it is another one.
func (p plan) at(n int, drawn bool) Accident {
	r := rand.New(rand.NewPCG(p.seed, uint64(n)))
	k := p.pick(r)
	for drawn && k.Once && p.rare < p.weights {
		k = p.pick(r)
	}
	a := Accident{Kind: k.Name, After: spell(r, 0, 2*p.options.Pace)}
	k.draw(r, p.options, &a)
	return a
}

// once reports whether a kind is one of those that are drawn once.
func (p plan) once(kind string) bool {
	return slices.ContainsFunc(p.kinds, func(k Kind) bool { return k.Once && k.Name == kind })
}

func (p plan) pick(r *rand.Rand) Kind {
	n := r.IntN(p.weights)
	for _, k := range p.kinds {
		if n < k.Weight {
			return k
		}
		n -= k.Weight
	}
	return p.kinds[0]
}

// Plan is what a seed has, without end: the same for the same seed and options.
func Plan(seed uint64, o Options) (iter.Seq[Accident], error) {
	p, err := newPlan(seed, o)
	return func(yield func(Accident) bool) {
		for n, drawn := 0, false; ; n++ {
			a := p.at(n, drawn)
			if drawn = drawn || p.once(a.Kind); !yield(a) {
				return
			}
		}
	}, err
}

// spell draws a time from low to high, in whole milliseconds.
func spell(r *rand.Rand, low, high time.Duration) Duration {
	return Duration(low + time.Duration(r.Int64N(max(1, int64((high-low)/time.Millisecond))))*time.Millisecond)
}

// between draws a number from low to high, both included.
func between(r *rand.Rand, low, high int) int { return low + r.IntN(high-low+1) }

func anyOf(r *rand.Rand, names ...string) string { return names[r.IntN(len(names))] }

// lasting draws how long.
func lasting(r *rand.Rand, o Options, a *Accident) { a.For = spell(r, o.Longest/10, o.Longest) }

// moment draws nothing.
func moment(*rand.Rand, Options, *Accident) {}

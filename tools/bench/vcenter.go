package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"time"
)

const vcenterProgram = "vcenter-sim"

// vcenter is a simulated vCenter in which nothing happens by itself.
type vcenter struct {
	*program
	endpoint string // of the API
	control  string
}

// ready is what vcenter-sim prints when it listens.
var ready = regexp.MustCompile(`ready on (\S+) user \S+ instance \S+ control (\S+)`)

func (l *lab) simulate(ctx context.Context, args ...string) (*vcenter, error) {
	args = append([]string{"-listen", "127.0.0.1:0", "-control", "127.0.0.1:0", "-rate", "0"}, args...)
	p, err := start(ctx, l.program(vcenterProgram), args...)
	if err != nil {
		return nil, err
	}
	v := &vcenter{program: p}
	err = p.until(ctx, "it listens", func() bool {
		said := ready.FindStringSubmatch(p.said.String())
		if said != nil {
			v.endpoint, v.control = said[1], said[2]
		}
		return said != nil
	})
	if err != nil {
		p.cancel()
		return nil, err
	}
	return v, nil
}

// post has the vCenter do something.
func (v *vcenter) post(ctx context.Context, path string) error {
	return v.ask(ctx, http.MethodPost, path, nil)
}

// happen has n events happen one by one, at random times, so many a second on average. At even intervals they would meet
// the simulator's own, for which it gathers changes before it rings, always in the same phase.
func (v *vcenter) happen(ctx context.Context, n int, perSecond float64) error {
	random, next := rand.New(rand.NewPCG(1, 2)), time.Now()
	for range n {
		next = next.Add(time.Duration(random.ExpFloat64() / perSecond * float64(time.Second)))
		if err := rest(ctx, time.Until(next)); err != nil {
			return err
		}
		if err := v.post(ctx, "/burst?n=1"); err != nil {
			return err
		}
	}
	return nil
}

// watched tells whether somebody waits for new events now.
func (v *vcenter) watched(ctx context.Context) bool {
	var stats struct{ Objects struct{ Filters int } }
	return v.ask(ctx, http.MethodGet, "/stats", &stats) == nil && stats.Objects.Filters > 0
}

// ask asks its control, and decodes the answer where there is a place for it.
func (v *vcenter) ask(ctx context.Context, method, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, v.control+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s of the simulated vCenter: %s", method, path, answer.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

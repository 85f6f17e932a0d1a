package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/accident"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// Fault is a rule of the fault proxy as POST /faults takes it: see fault.Rule and fault.Named.
type Fault struct {
	Fault       string            `json:"fault"`
	Method      string            `json:"method,omitempty"` // "" for all
	N           int               `json:"n,omitempty"`
	For         accident.Duration `json:"for,omitzero"`
	Skip        int               `json:"skip,omitempty"`
	Count       int               `json:"count,omitempty"`       // 0: without limit
	Probability float64           `json:"probability,omitempty"` // 0: certainty
	IdleFor     accident.Duration `json:"idleFor,omitzero"`      // only calls on connections that were idle so long
}

func (f Fault) rule() (fault.Rule, error) {
	named, err := fault.Named(f.Fault, f.N, time.Duration(f.For))
	return fault.Rule{
		Method: f.Method, IdleFor: time.Duration(f.IdleFor), Skip: f.Skip, Probability: f.Probability, Count: f.Count, Fault: named,
	}, err
}

func (c *Control) ofNetwork() map[string]action {
	return map[string]action{
		"POST /faults":      c.proxied(c.addFaults),
		"DELETE /faults":    c.proxied(c.clearFaults),
		"GET /faults":       c.proxied(func(*http.Request) (any, error) { return c.proxy.Counts(), nil }),
		"GET /makings":      c.proxied(func(*http.Request) (any, error) { return c.proxy.Makings(), nil }),
		"POST /listen":      c.proxied(c.listen),
		"POST /reset":       c.proxied(c.reset),
		"POST /certificate": c.proxied(c.certificate),
	}
}

var errNoProxy = errors.New("there is no fault proxy")

func (c *Control) proxied(do action) action {
	if c.proxy != nil {
		return do
	}
	return func(*http.Request) (any, error) { return nil, errNoProxy }
}

// decode reads JSON without anything that is not understood.
func decode(body io.Reader, into any) error {
	in := json.NewDecoder(body)
	in.DisallowUnknownFields()
	return in.Decode(into)
}

func (c *Control) addFaults(r *http.Request) (any, error) {
	var wanted []Fault
	if err := decode(r.Body, &wanted); err != nil {
		return nil, fmt.Errorf("read the list of faults: %w", err)
	}
	rules := make([]fault.Rule, len(wanted))
	for i, f := range wanted {
		var err error
		if rules[i], err = f.rule(); err != nil {
			return nil, err
		}
	}
	c.proxy.Add(rules...)
	return did{"added": len(rules)}, nil
}

func (c *Control) clearFaults(*http.Request) (any, error) {
	c.proxy.Clear()
	return did{"cleared": true}, nil
}

func (c *Control) listen(r *http.Request) (any, error) {
	mode, err := parameter(r, "mode", fault.ParseListening)
	if err != nil {
		return nil, err
	}
	return did{"listening": mode.String()}, c.proxy.Listen(mode)
}

func (c *Control) reset(r *http.Request) (any, error) {
	if !r.URL.Query().Has("idle") {
		return did{"reset": c.proxy.Reset()}, nil
	}
	idle, err := parameter(r, "idle", strconv.ParseBool)
	switch {
	case err != nil:
		return nil, err
	case idle:
		return did{"reset": c.proxy.ResetIdle()}, nil
	default:
		return did{"reset": c.proxy.Reset()}, nil
	}
}

var errNoTLS = errors.New("the fault proxy has no certificate")

// certificate changes it from the next handshake on.
func (c *Control) certificate(r *http.Request) (any, error) {
	original := r.URL.Query().Has("original")
	next := c.certified
	switch {
	case next == nil:
		return nil, errNoTLS
	case !original:
		other, err := fault.SelfSigned()
		if err != nil {
			return nil, err
		}
		next = &other
	}
	c.proxy.SetCertificate(*next)
	return did{"original": original}, nil
}

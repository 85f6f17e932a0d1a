package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/accident"
)

// Accidents is what GET /accidents tells.
type Accidents struct {
	Seed    uint64            `json:"seed"`
	Running bool              `json:"running"`
	Played  []accident.Played `json:"played"`
}

// playing is a source that is being played.
type playing struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when everything is mended
}

func (c *Control) ofAccidents() map[string]action {
	return map[string]action{
		"POST /accident":       c.playOne,
		"POST /accidents":      c.begin,
		"GET /accidents":       c.accidents,
		"DELETE /accidents":    c.end,
		"GET /accidents/kinds": func(*http.Request) (any, error) { return accident.Kinds(), nil },
	}
}

// playOne plays the accident that is in the body.
func (c *Control) playOne(r *http.Request) (any, error) {
	var a accident.Accident
	if err := decode(r.Body, &a); err != nil {
		return nil, fmt.Errorf("read the accident: %w", err)
	}
	return c.play(r.Context(), a)
}

func (c *Control) play(ctx context.Context, a accident.Accident) (any, error) {
	p := accident.Played{Number: 1, Accident: a, At: time.Now()}
	err := c.stage.Play(ctx, a)
	p.Took = accident.Duration(time.Since(p.At))
	return p, err
}

// playNumber plays an accident of which only the number matters.
func (c *Control) playNumber(kind string) action {
	return func(r *http.Request) (any, error) {
		n, err := parameter(r, "n", strconv.Atoi)
		if err != nil {
			return nil, err
		}
		_, err = c.play(r.Context(), accident.Accident{Kind: kind, N: n})
		return did{kind: n}, err
	}
}

var errPlaying = errors.New("accidents are being played already")

// begin plays what a seed has, in the background.
func (c *Control) begin(r *http.Request) (any, error) {
	seed, err := parameter(r, "seed", parseSeed)
	if err != nil {
		return nil, err
	}
	limit, err := optional(r, "limit", strconv.Atoi)
	if err != nil {
		return nil, err
	}
	options, err := accidentOptions(r)
	if err != nil {
		return nil, err
	}
	source, err := accident.New(seed, c.stage, options)
	if err != nil {
		return nil, err
	}
	if !c.start(source, limit) {
		return nil, errPlaying
	}
	return did{"seed": seed}, nil
}

func parseSeed(text string) (uint64, error) { return strconv.ParseUint(text, 10, 64) }

// optional is parameter for one that may be left out, and then is zero.
func optional[T any](r *http.Request, name string, parse func(string) (T, error)) (zero T, _ error) {
	if !r.URL.Query().Has(name) {
		return zero, nil
	}
	return parameter(r, name, parse)
}

func accidentOptions(r *http.Request) (o accident.Options, err error) {
	for name, kinds := range map[string]*[]string{"only": &o.Only, "without": &o.Without} {
		if text := r.URL.Query().Get(name); text != "" {
			*kinds = strings.Split(text, ",")
		}
	}
	for name, d := range map[string]*time.Duration{"pace": &o.Pace, "longest": &o.Longest, "late": &o.Late} {
		var failed error
		*d, failed = optional(r, name, parseSpell)
		err = errors.Join(err, failed)
	}
	return o, err
}

// start plays a source, unless another is being played.
func (c *Control) start(source *accident.Source, limit int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.playing.running() {
		return false
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.source, c.playing = source, &playing{cancel, make(chan struct{})}
	done := c.playing.done
	go func() {
		defer close(done)
		defer cancel()
		source.Play(ctx, limit)
	}()
	return true
}

func (p *playing) running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// stop returns when everything is mended.
func (c *Control) stop() {
	c.mu.Lock()
	p := c.playing
	c.mu.Unlock()
	if p != nil {
		p.cancel()
		<-p.done
	}
}

func (c *Control) end(r *http.Request) (any, error) {
	c.stop()
	return c.accidents(r)
}

func (c *Control) accidents(*http.Request) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	told := Accidents{Running: c.playing.running(), Played: []accident.Played{}}
	if c.source != nil {
		told.Seed, told.Played = c.source.Seed(), append(told.Played, c.source.Played()...)
	}
	return told, nil
}

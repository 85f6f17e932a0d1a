package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	// readyIn is how long a simulated vCenter may take to listen. It reads back its whole history first.
	readyIn = 30 * time.Second
	// stopIn is how long a program may take to end: the receiver gives a batch in flight 10 s, and vCenter 5 s.
	stopIn = 20 * time.Second

	// Of the demo: the virtual machines, the events that a new vCenter begins with, and the virtual machines to which something
	// happens between two runs.
	machines = 40
	past     = 20
	missed   = 8
)

// console is one run of `make demo` or `make try`.
type console struct {
	settings
	out     *printer
	env     []string // of the collector
	vcenter *process // the simulated one; nil where there is none
}

// follow runs the collector, and the simulated vCenter where there is one, until ctx ends, the time is over or one of
// them dies. The collector is stopped before its vCenter: it has to log out.
func follow(ctx context.Context, s settings, out *printer) (err error) {
	c := &console{settings: s, out: out, env: os.Environ()}
	events, err := listen(out)
	if err != nil {
		return err
	}
	defer events.close()
	if s.simulator == "" {
		out.say("following the vCenter of %s; Ctrl-C stops", s.config)
		return c.collect(ctx, events.url)
	}
	if err := c.simulate(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.vcenter.stop(stopIn)) }()
	return c.collect(ctx, events.url)
}

// collect runs the collector, and ends with the receiver's own summary.
func (c *console) collect(ctx context.Context, backend string) error {
	file, err := keep(c.dir, "collector.log")
	if err != nil {
		return err
	}
	defer file.Close()
	log := &logbook{file: file, out: c.out}
	collector, err := start(c.collector, c.env, log, "--config="+c.config, "--config=yaml:"+overlay(backend))
	if err != nil {
		return err
	}
	if err := c.wait(ctx, collector); err != nil {
		return err
	}
	if err := collector.stop(stopIn); err != nil {
		return err
	}
	summary, err := log.summary()
	if err != nil {
		return err
	}
	c.out.say("%s", summary)
	return nil
}

// wait returns when it is time to stop the collector, and fails when there is nothing to stop.
func (c *console) wait(ctx context.Context, collector *process) error {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-collector.done:
		return fmt.Errorf("the collector ended by itself: %w", collector.result())
	case <-c.vcenter.over():
		c.out.say("the simulated vCenter ended by itself")
	}
	return nil
}

// limit is the time to follow, from now on.
func (s settings) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.duration == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, s.duration)
}

// overlay is merged over the configuration: it replaces the exporters of its pipelines, and has the collector log
// what we can read.
func overlay(backend string) string {
	off := map[string]any{"enabled": false}
	to := map[string]any{"exporters": []string{"otlp_http/console"}}
	text, _ := json.Marshal(map[string]any{ // maps of strings always marshal
		"exporters": map[string]any{
			"otlp_http/console": map[string]any{
				"endpoint": backend, "encoding": "json", "compression": "none",
				"sending_queue": off, "retry_on_failure": off,
			},
		},
		"service": map[string]any{
			"pipelines": map[string]any{"logs": to, "metrics": to},
			"telemetry": map[string]any{"logs": map[string]any{"encoding": "json"}},
		},
	})
	return string(text)
}

// simulate starts a simulated vCenter that remembers its past from one run to the next, and waits until it listens.
// The first time it has a past; later, something has happened while nobody looked, so that there is something to catch
// up with.
func (c *console) simulate(ctx context.Context) error {
	address, control, err := freeAddresses()
	if err != nil {
		return err
	}
	log, err := keep(c.dir, "vcenter-sim.log")
	if err != nil {
		return err
	}
	defer log.Close() // the child has its own copy
	state := filepath.Join(c.dir, "vcenter.state")
	_, fresh := os.Stat(state)
	c.vcenter, err = start(c.simulator, os.Environ(), log, "-listen", address, "-control", control,
		"-state", state, "-history", strconv.Itoa(past), "-history-span", "10m", "-rate", "0",
		"-large", "-vms", strconv.Itoa(machines), "-changes", "1.5")
	if err != nil {
		return err
	}
	c.env = append(c.env, "VCENTER_URL=http://"+address, "DEMO_DIR="+c.dir)
	if err := listening(ctx, address, c.vcenter); err != nil {
		return errors.Join(fmt.Errorf("%w; see %s", err, log.Name()), c.vcenter.stop(stopIn))
	}
	c.out.say("following a simulated vCenter at http://%s; its past, the checkpoint and the logs are in %s/; Ctrl-C stops", address, c.dir)
	if fresh != nil {
		return nil
	}
	c.out.say("something happens to %d virtual machines before the collector is there", missed)
	return storm(ctx, control, missed)
}

// storm has something happen to virtual machines of the simulated vCenter.
func storm(ctx context.Context, control string, machines int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("http://%s/storm?vms=%d", control, machines), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("have something happen: %w", err)
	}
	return answer.Body.Close()
}

// keep opens a file of the folder anew; without a folder what is written to it is gone.
func keep(dir, name string) (*os.File, error) {
	if dir == "" {
		return os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(dir, name))
}

// freeAddresses finds two addresses on this machine that nobody listens at.
func freeAddresses() (string, string, error) {
	one, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	defer one.Close()
	two, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	defer two.Close()
	return one.Addr().String(), two.Addr().String(), nil
}

// listening waits until something accepts connections at the address.
func listening(ctx context.Context, address string, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, readyIn)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-again.C:
		case <-p.done:
			return fmt.Errorf("the simulated vCenter ended at once: %w", p.result())
		case <-ctx.Done():
			return fmt.Errorf("the simulated vCenter does not listen at %s: %w", address, err)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

const (
	// patience is how long anything may take that has to happen.
	patience = 2 * time.Minute
	// stopIn is how long a program may take to end before it is killed: the collector gives a batch in flight 10 s, and
	// vCenter 5 s.
	stopIn = 20 * time.Second
)

// program is one of the built programs, running.
type program struct {
	usage
	name   string
	cmd    *exec.Cmd
	cancel context.CancelFunc
	said   *transcript
	done   chan struct{} // closed when it has ended; err is readable then
	err    error
}

// start runs a program until stop, or until ctx ends.
func start(ctx context.Context, path string, args ...string) (*program, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, path, args...)
	p := &program{name: filepath.Base(path), cmd: cmd, cancel: cancel, said: &transcript{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.said, p.said
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopIn
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	p.usage = usageOf(cmd.Process.Pid)
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	return p, nil
}

// stop has the program end, and waits for it.
func (p *program) stop() error {
	p.cancel()
	<-p.done
	if p.err == nil || errors.Is(p.err, context.Canceled) {
		return nil // told to, it ended as it should
	}
	return p.failure()
}

// failure says how a program ended that should not have, with what it had to say.
func (p *program) failure() error {
	return fmt.Errorf("%s ended with %s: %s", p.name, p.cmd.ProcessState, p.said)
}

// until waits until something is so while the program runs.
func (p *program) until(ctx context.Context, what string, so func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !so() {
		select {
		case <-again.C:
		case <-p.done:
			return p.failure()
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w; %s said: %s", what, ctx.Err(), p.name, p.said)
		}
	}
	return nil
}

// transcript is what a program writes, which is read meanwhile.
type transcript struct {
	mu   sync.Mutex // guards the field below
	text bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

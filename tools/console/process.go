package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is a program that we started. It is in a process group of its own, so that the terminal's Ctrl-C reaches us
// alone, and we stop our programs one after the other.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended; err is readable then
	err  error
}

func start(program string, env []string, output io.Writer, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(program, args...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, output, output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.done)
		p.err = p.cmd.Wait()
	}()
	return p, nil
}

// over is closed when the process has ended; never for a process that there is not.
func (p *process) over() <-chan struct{} {
	if p == nil {
		return nil
	}
	return p.done
}

// result is how a process ended that nobody told to.
func (p *process) result() error {
	<-p.done
	if p.err == nil {
		return errors.New("exit status 0")
	}
	return p.err
}

// stop asks the process to end, and ends it after the grace.
func (p *process) stop(grace time.Duration) error {
	name := filepath.Base(p.cmd.Path)
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", name, err)
	}
	select {
	case <-p.done:
	case <-time.After(grace):
		_ = p.cmd.Process.Kill() // it may end just now
		<-p.done
		return fmt.Errorf("%s did not end within %s and was killed", name, grace)
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w", name, p.err)
	}
	return nil
}

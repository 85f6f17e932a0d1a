package e2e

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// binary is the path of a built program: the environment variable's value, or the one in bin.
func binary(t *testing.T, variable, name string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		path = filepath.Join("..", "bin", name)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing: run make build (or set %s): %v", name, variable, err)
	}
	return path
}

// process is a child process. It does not outlive its test.
type process struct {
	cmd   *exec.Cmd
	log   *os.File      // all that it writes, to both of its outputs
	done  chan struct{} // closed when it has ended
	quiet bool          // its last words are not shown

	begun, asked time.Time // asked: to end; zero if it was killed
	over         time.Time // of those who have waited for done
}

// start runs a program with more variables in its environment.
func start(t *testing.T, path string, environment []string, arguments ...string) *process {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), filepath.Base(path)+"-*.log")
	require.NoError(t, err)
	p := &process{cmd: exec.Command(path, arguments...), log: log, done: make(chan struct{}), begun: time.Now()}
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = dieWithParent()
	started := make(chan error)
	go p.run(started)
	require.NoError(t, <-started)
	t.Cleanup(func() { p.end(t) })
	return p
}

// run keeps its thread until the process has ended: the kernel takes the end of the thread that started a child for the
// end of the parent.
func (p *process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait() // what matters is in ProcessState
		p.over = time.Now()
		close(p.done)
	}
}

// end is the clean-up. Of a failed test it shows the process's last words.
func (p *process) end(t *testing.T) {
	p.kill()
	if t.Failed() && !p.quiet {
		lines := strings.Split(strings.TrimSpace(p.output(t)), "\n")
		t.Logf("the last words of %s:\n%s", p.cmd.Path, strings.Join(lines[max(0, len(lines)-40):], "\n"))
	}
	_ = p.log.Close()
}

// kill ends the process with SIGKILL and returns when it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// stop asks the process to end with SIGTERM and returns its exit code.
func (p *process) stop(t *testing.T) int {
	t.Helper()
	p.asked = time.Now()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	return p.exit(t, 30*time.Second)
}

// finish kills the process or asks it to end, and returns whether it was killed: who does not hear the request dies of it. A
// collector listens only after it has said that it is ready.
func (p *process) finish(t *testing.T, kill bool) (killed bool) {
	t.Helper()
	if kill {
		p.kill()
		assert.Equal(t, -1, p.cmd.ProcessState.ExitCode(), "it has died by itself")
		return true
	}
	code := p.stop(t)
	if code != 0 {
		assert.Equal(t, -1, code, "it has failed")
	}
	return code != 0
}

// exit waits for the process to end by itself and returns its exit code.
func (p *process) exit(t *testing.T, within time.Duration) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(within):
		t.Fatalf("%s has not ended within %s", p.cmd.Path, within)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// output is all that the process has written so far.
func (p *process) output(t *testing.T) string {
	t.Helper()
	written, err := io.ReadAll(io.NewSectionReader(p.log, 0, 1<<30))
	require.NoError(t, err)
	return string(written)
}

package main

import (
	"context"
	"strings"
	"testing"
)

func TestProgramsThatAreMissingAreNamed(t *testing.T) {
	if _, err := programs(t.Context(), t.TempDir(), extent{}); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Error(err)
	}
}

func shell(t *testing.T, script string) *program {
	t.Helper()
	p, err := start(t.Context(), "/bin/sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A program that fails to start would be waited for in vain.
func TestAProgramThatEndsByItselfIsTold(t *testing.T) {
	for _, script := range []string{"echo no such file; exit 1", "echo no such file"} {
		p := shell(t, script)
		err := p.until(t.Context(), "it is ready", func() bool { return false })
		if err == nil || !strings.Contains(err.Error(), "no such file") || !strings.Contains(err.Error(), "exit status") {
			t.Error(err)
		}
	}
}

func TestAProgramIsStopped(t *testing.T) {
	p := shell(t, "trap 'exit 0' INT; echo ready; while :; do sleep 0.01; done")
	if err := p.until(t.Context(), "it is ready", func() bool { return p.said.String() != "" }); err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

func TestAProgramThatEndsWithAnErrorIsTold(t *testing.T) {
	p := shell(t, "trap 'echo disk full; exit 3' INT; echo ready; while :; do sleep 0.01; done")
	if err := p.until(t.Context(), "it is ready", func() bool { return p.said.String() != "" }); err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Error(err)
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	p := shell(t, "exec sleep 60")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.until(ctx, "pigs fly", func() bool { return false }); err == nil || !strings.Contains(err.Error(), "pigs fly") {
		t.Error(err)
	}
	if err := p.stop(); err == nil {
		t.Error("killed by a signal, it has not ended as it should")
	}
}

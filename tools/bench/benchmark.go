package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// benchmark is one of the module's, with all of its sub-benchmarks.
type benchmark struct {
	pkg  string
	name string
	env  []string // beside ours
}

// run runs it so often. A program is compiled for it in a folder.
func (b benchmark) run(ctx context.Context, dir, work, which string, count int, r results) error {
	program := filepath.Join(work, b.name)
	if _, err := b.execute(ctx, dir, "go", "test", "-c", "-o", program, b.pkg); err != nil {
		return err
	}
	for range count {
		output, err := b.execute(ctx, filepath.Join(dir, b.pkg), program, "-test.run=^$", "-test.bench=^"+b.name+"$"+which)
		if err != nil {
			return err
		}
		r.read(output)
	}
	return nil
}

func (b benchmark) execute(ctx context.Context, dir, program string, args ...string) (*bytes.Buffer, error) {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &output, &output
	cmd.Env = append(os.Environ(), b.env...)
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s of %s: %w\n%s", b.name, b.pkg, err, output.Bytes())
	}
	return &output, nil
}

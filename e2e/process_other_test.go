//go:build !linux

package e2e

import (
	"syscall"
	"testing"
)

func dieWithParent() *syscall.SysProcAttr { return nil }

// peak is not known here.
func (p *process) peak(*testing.T) int64 { return 0 }

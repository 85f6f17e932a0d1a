package e2e

import "syscall"

// dieWithParent also ends a child whose test was killed itself.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

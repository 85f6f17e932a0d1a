package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is what the kernel counts of a running process, threads that have ended included.
type usage struct{ dir string } // /proc/<pid>

func usageOf(pid int) usage { return usage{filepath.Join("/proc", strconv.Itoa(pid))} }

// cpu is the user and system time so far.
func (u usage) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(filepath.Join(u.dir, "stat"))
	if err != nil {
		return 0, err
	}
	return cpuTime(string(stat))
}

// clockTick is the unit of times in /proc. It is 10 ms wherever Go runs: the kernel converts for user space.
const clockTick = 10 * time.Millisecond

// cpuTime reads /proc/<pid>/stat: utime and stime are its fields 14 and 15. The second, the name of the program in
// parentheses, may itself hold spaces and parentheses.
func cpuTime(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:]) // from the third on
	if len(fields) < 13 {
		return 0, fmt.Errorf("not a line of /proc/<pid>/stat: %q", stat)
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read /proc/<pid>/stat: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

// memory is resident memory in MiB: VmRSS, what it is now, or VmHWM, the most that it ever was.
func (u usage) memory(field string) (float64, error) {
	status, err := os.ReadFile(filepath.Join(u.dir, "status"))
	if err != nil {
		return 0, err
	}
	return mebibytes(string(status), field)
}

// mebibytes reads a size out of /proc/<pid>/status, where it is in kB, which are KiB.
func mebibytes(status, field string) (float64, error) {
	for line := range strings.Lines(status) {
		value, found := strings.CutPrefix(line, field+":")
		if !found {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read %s of /proc/<pid>/status: %w", field, err)
		}
		return float64(kib) / 1024, nil
	}
	return 0, fmt.Errorf("/proc/<pid>/status has no %s", field)
}

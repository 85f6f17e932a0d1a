package main

import (
	"os"
	"runtime"
	"testing"
	"time"
)

const (
	statLine = "4711 (a name) 7 ) S 1 4711 4711 0 -1 4194560 9001 0 2 0 1234 66 5 6 20 0 11 0 917 1300000000 18000\n"

	statusLines = "Name:\totelcol-vcenter\nVmPeak:\t 1300000 kB\nVmHWM:\t  153600 kB\nVmRSS:\t    1536 kB\nThreads:\t11\n"
)

// The name of a program may hold what separates the fields.
func TestCPUTime(t *testing.T) {
	if got, err := cpuTime(statLine); err != nil || got != 13*time.Second {
		t.Error(got, err)
	}
}

func TestMebibytes(t *testing.T) {
	for field, want := range map[string]float64{"VmHWM": 150, "VmRSS": 1.5} {
		if got, err := mebibytes(statusLines, field); err != nil || got != want {
			t.Error(field, got, err)
		}
	}
}

func TestWhatIsNotOfProcIsAnError(t *testing.T) {
	for _, stat := range []string{"", "4711 (sh) S 1 2 3", "4711 (sh) S 1 1 1 0 -1 1 1 0 2 0 x 66 5"} {
		if got, err := cpuTime(stat); err == nil {
			t.Errorf("%q: %v", stat, got)
		}
	}
	for _, status := range []string{"", "VmRSSX:\t1 kB\n", "VmRSS:\tmuch kB\n"} {
		if got, err := mebibytes(status, "VmRSS"); err == nil {
			t.Errorf("%q: %v", status, got)
		}
	}
}

func TestUsageOfThisProcess(t *testing.T) {
	u := usageOf(os.Getpid())
	cpu, err := u.cpu()
	if runtime.GOOS != "linux" {
		if err == nil {
			t.Error("measured without /proc:", cpu)
		}
		return
	}
	now, err2 := u.memory("VmRSS")
	most, err3 := u.memory("VmHWM")
	if err != nil || err2 != nil || err3 != nil || cpu < 0 || now < 1 || most < now/2 {
		t.Error(cpu, err, now, err2, most, err3)
	}
}

//go:build unix

package eventtest

import (
	"bytes"
	"runtime"
	"syscall"
	"testing"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// Measure runs a benchmark over a page of so many events, and reports what an event costs: CPU of the whole process, for
// wall time on a busy machine is no measure and the garbage collector works beside, and allocations.
func Measure(b *testing.B, events int, page func() error) {
	b.Helper()
	run := func() {
		if err := page(); err != nil {
			b.Fatal(err)
		}
	}
	run() // what is made once is not counted
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := processCPU(b)
	for b.Loop() {
		run()
	}
	cpu = processCPU(b) - cpu
	runtime.ReadMemStats(&after)
	all := float64(b.N * events)
	b.ReportMetric(float64(cpu)/all, "cpu-ns/event")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/all, "allocs/event")
}

// processCPU is the user and system time of this process, in nanoseconds.
func processCPU(b *testing.B) int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// GovmomiDecode reads an answer as govmomi's soap.Client does.
func GovmomiDecode(body []byte) ([]types.BaseEvent, error) {
	var envelope struct {
		Body methods.ReadNextEventsBody `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
	}
	decoder := xml.NewDecoder(bytes.NewReader(body))
	decoder.TypeFunc = types.TypeFunc()
	if err := decoder.Decode(&envelope); err != nil {
		return nil, err
	}
	return envelope.Body.Res.Returnval, nil
}

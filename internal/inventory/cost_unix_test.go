//go:build unix

package inventory

import (
	"bytes"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// cpu is what this process has used so far. Wall time says little on a machine that others use.
func cpu(b testing.TB) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkDecode reads the same answer with 500 virtual machines as we do and as govmomi does.
func BenchmarkDecode(b *testing.B) {
	var body []byte
	fleet(page, func(_ int, answer []byte) { body = answer })
	for _, reader := range []struct {
		name string
		read func() error
	}{
		{"flat", func() error { _, err := decode(body, newFlattener()); return err }},
		{"govmomi", func() error {
			var res methods.WaitForUpdatesExBody
			d := xml.NewDecoder(bytes.NewReader(body))
			d.TypeFunc = types.TypeFunc()
			return d.Decode(&soap.Envelope{Body: &res})
		}},
	} {
		b.Run(reader.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			begun := cpu(b)
			n := 0
			for b.Loop() {
				require.NoError(b, reader.read())
				n++
			}
			b.ReportMetric(float64((cpu(b)-begun).Microseconds())/float64(n)/page, "cpu-µs/VM")
		})
	}
}

// BenchmarkFirstSync reads 10,000 virtual machines into a cache, and makes the state of them.
func BenchmarkFirstSync(b *testing.B) {
	const n = 10_000
	for b.Loop() {
		before := heap()
		var bodies [][]byte
		fleet(n, func(_ int, body []byte) { bodies = append(bodies, body) })
		begun := cpu(b)
		c, f := NewCache("uuid"), newFlattener()
		var parts []updateSet
		for i, body := range bodies {
			part, err := decode(body, f)
			require.NoError(b, err)
			parts, bodies[i] = append(parts, part), nil
		}
		_, err := c.apply(parts, time.Now(), places{root: "group-d1"}, true)
		require.NoError(b, err)
		b.ReportMetric((cpu(b) - begun).Seconds(), "sync-cpu-s")
		parts, f = nil, nil
		b.ReportMetric(float64(heap()-before)/n/1024, "KiB/VM")
		begun = cpu(b)
		s := NewState(tracks(b)).Baseline(c.Snapshot())
		b.ReportMetric((cpu(b) - begun).Seconds(), "state-cpu-s")
		b.ReportMetric(float64(heap()-before)/n/1024, "KiB/VM-with-state")
		total := 0
		for _, part := range s.encoded {
			total += len(part)
		}
		b.ReportMetric(float64(total)/shardCount/1024, "KiB/shard")
		begun = cpu(b)
		s.Compare("uuid", c.Snapshot())
		b.ReportMetric((cpu(b)-begun).Seconds()*1000, "compare-cpu-ms")
	}
}

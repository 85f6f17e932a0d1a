package receiver

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// shy is a session of an account that may read of machines what they are called, and nothing else.
type shy struct {
	*vsphere.Session
	vms int
}

func (s shy) Call(context.Context, time.Duration, any) ([]byte, error) {
	var body strings.Builder
	body.WriteString(`<Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body><WaitForUpdatesExResponse><returnval><version>1</version><filterSet>`)
	for vm := range s.vms {
		fmt.Fprintf(&body, `<objectSet><kind>enter</kind><obj type="VirtualMachine">vm-%d</obj><changeSet><name>name</name><op>assign</op><val>web-%d</val></changeSet>`, vm, vm)
		for _, path := range hidden {
			fmt.Fprintf(&body, `<missingSet><path>%s</path><fault><fault xsi:type="NoPermission"/></fault></missingSet>`, path)
		}
		body.WriteString(`</objectSet>`)
	}
	body.WriteString(`</filterSet></returnval></WaitForUpdatesExResponse></Body></Envelope>`)
	return []byte(body.String()), nil
}

// hidden are some of the paths that are asked for.
var hidden = []string{
	"customValue", "resourcePool", "datastore", "network", "runtime.host", "runtime.powerState", "config.uuid", "config.annotation",
	"config.guestId", "config.files", "config.tools", "config.hardware", "config.cpuAllocation", "config.memoryAllocation", "guest", "snapshot",
}

// weigh is how many bytes a watch keeps of an inventory.
func weigh(t *testing.T, session *vsphere.Session, settings Settings, machines int) int {
	t.Helper()
	cache := newInventoryWatch(settings, nil, nil, nil, nil).meet(session)
	fill(t, cache, shy{session, machines})
	with := heap()
	runtime.KeepAlive(cache) // and no longer
	return with - heap()
}

func fill(t *testing.T, cache *inventory.Cache, session shy) {
	t.Helper()
	watcher, err := inventory.Watch(t.Context(), session, cache, inventory.Settings{Wait: time.Second, APITimeout: time.Minute})
	require.NoError(t, err)
	_, err = watcher.Next(t.Context())
	require.NoError(t, err)
	require.NoError(t, watcher.Close(t.Context()))
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// What an account may not read is kept until it is recalled what was delivered of it earlier. Where metrics are all that is delivered nobody
// recalls anything, and to keep it would cost more than all that is known, for as long as the process lives.
func TestMetricsAloneKeepNothingForARecall(t *testing.T) {
	const machines = 2000
	_, _, session := visit(t, 1)
	settings := Settings{Inventory: InventorySettings{Changes: true}, Metrics: MetricSettings{Next: consumertest.NewNop()}}
	alone := weigh(t, session, settings, machines)
	settings.Logs = consumertest.NewNop()
	recalled := weigh(t, session, settings, machines)
	t.Logf("%d bytes for each machine, and %d where they are recalled", alone/machines, recalled/machines)
	assert.Less(t, alone, recalled/2)
}

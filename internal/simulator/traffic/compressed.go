package traffic

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
)

// Stored is how many events of a burst a vCenter stores before its burst filter begins to compress.
const Stored = 30

// Compressed makes what a vCenter stores of a burst of n events of one type and object: the first of them, and then only
// that there were more. The keys of those others are used up.
func (p *Producer) Compressed(n int) (first, told []types.BaseEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := pick(p, p.inventory)
	for range min(n, Stored) {
		first = append(first, statusChanged(at, alarms[0].id, alarms[0].name, types.ManagedEntityStatusGreen, types.ManagedEntityStatusRed))
	}
	for _, id := range []string{"EventBurstStartedEvent", "EventBurstCompressedEvent", "EventBurstEndedEvent"} {
		e := &types.EventEx{
			EventTypeId: "com.vmware.vc." + id, Severity: "warning",
			ObjectId: at.VM.Vm.Value, ObjectType: "VirtualMachine", ObjectName: at.VM.Name,
			Arguments: []types.KeyAnyValue{
				{Key: "eventTypeId", Value: "vim.event.AlarmStatusChangedEvent"}, {Key: "count", Value: fmt.Sprint(max(0, n-Stored))},
			},
		}
		e.Event = at.base("", fmt.Sprintf("%s: %d events of type vim.event.AlarmStatusChangedEvent", id, n))
		told = append(told, e)
	}
	return first, told
}

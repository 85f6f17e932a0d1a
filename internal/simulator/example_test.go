package simulator_test

import (
	"context"
	"fmt"
	"log"
	"net/url"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

func Example() {
	sim, err := simulator.New(simulator.Settings{})
	if err != nil {
		log.Fatal(err)
	}
	defer sim.Close()

	address := sim.URL()
	address.User = url.UserPassword("user", "pass")
	ctx := context.Background()
	c, err := govmomi.NewClient(ctx, address, false)
	if err != nil {
		log.Fatal(err)
	}
	defer c.CloseIdleConnections()
	hc, err := event.NewManager(c.Client).CreateCollectorForEvents(ctx, types.EventFilterSpec{})
	if err != nil {
		log.Fatal(err)
	}

	on := &types.VmPoweredOnEvent{}
	on.UserName, on.FullFormattedMessage = "alice", "web-01 is powered on"
	sim.Append(on)
	page, err := hc.ReadNextEvents(ctx, 100)
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range page {
		fmt.Printf("%d %T by %s\n", e.GetEvent().Key, e, e.GetEvent().UserName)
	}
	fmt.Println(sim.KillSessions(), "session killed")
	// Output:
	// 1 *types.UserLoginSessionEvent by user
	// 2 *types.VmPoweredOnEvent by alice
	// 1 session killed
}

func ExampleSimulator_Traffic() {
	sim, err := simulator.New(simulator.Settings{})
	if err != nil {
		log.Fatal(err)
	}
	defer sim.Close()
	sim.Traffic(6).Burst(3)
	for _, e := range sim.Journal().Entries() {
		fmt.Println(e.Key(), e.Event.GetEvent().ChainId, e.TypeID(), "-", e.Event.GetEvent().FullFormattedMessage)
	}
	// Output:
	// 1 1 TaskEvent - Task: Power On virtual machine
	// 2 1 VmStartingEvent - DC0_C0_RP0_VM0 on host DC0_C0_H0 in DC0 is starting
	// 3 1 VmPoweredOnEvent - DC0_C0_RP0_VM0 on DC0_C0_H0 in DC0 has powered on
}

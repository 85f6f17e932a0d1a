package property

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
)

// chipset are the devices that every virtual machine has.
var chipset = []types.BaseVirtualDevice{
	&types.VirtualIDEController{VirtualController: controller(200, "IDE 0")},
	&types.VirtualIDEController{VirtualController: controller(201, "IDE 1")},
	&types.VirtualPS2Controller{VirtualController: controller(300, "PS2 controller 0")},
	&types.VirtualPCIController{VirtualController: controller(100, "PCI controller 0")},
	&types.VirtualSIOController{VirtualController: controller(400, "SIO controller 0")},
	&types.VirtualKeyboard{VirtualDevice: device(600, "Keyboard", 300)},
	&types.VirtualPointingDevice{VirtualDevice: device(700, "Pointing device", 300)},
	&types.VirtualMachineVideoCard{VirtualDevice: device(500, "Video card ", 100), VideoRamSizeInKB: 4096, NumDisplays: 1, Use3dRenderer: "automatic"},
	&types.VirtualMachineVMCIDevice{VirtualDevice: device(12000, "VMCI device", 100), Id: -1},
	&types.ParaVirtualSCSIController{VirtualSCSIController: types.VirtualSCSIController{
		VirtualController: controller(1000, "SCSI controller 0"), HotAddRemove: yes, SharedBus: types.VirtualSCSISharingNoSharing, ScsiCtlrUnitNumber: 7,
	}},
	&types.VirtualAHCIController{VirtualSATAController: types.VirtualSATAController{VirtualController: controller(15000, "SATA controller 0")}},
	&types.VirtualCdrom{VirtualDevice: device(16000, "CD/DVD drive 1", 15000)},
}

func device(key int32, label string, controller int32) types.VirtualDevice {
	return types.VirtualDevice{
		Key: key, DeviceInfo: &types.Description{Label: label, Summary: label}, ControllerKey: controller, UnitNumber: types.NewInt32(key % 100),
	}
}

func controller(key int32, label string) types.VirtualController {
	return types.VirtualController{VirtualDevice: types.VirtualDevice{Key: key, DeviceInfo: &types.Description{Label: label, Summary: label}}}
}

// devices are the chipset, one to three disks and a network card.
func devices(name string, n int, at home) []types.BaseVirtualDevice {
	all := chipset[:len(chipset):len(chipset)]
	for k := range 1 + n%3 {
		all = append(all, newDisk(name, int32(k), int64(20<<(n%4))<<20, at.datastore))
	}
	card := &types.VirtualVmxnet3{}
	card.VirtualDevice = device(4000, "Network adapter 1", 100)
	card.Backing = &types.VirtualEthernetCardDistributedVirtualPortBackingInfo{Port: types.DistributedVirtualSwitchPortConnection{
		SwitchUuid: identity("dvs", 0), PortgroupKey: at.network.Value, PortKey: fmt.Sprint(n % 1024),
	}}
	card.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: true, AllowGuestControl: true, Connected: true, Status: "ok"}
	card.AddressType, card.MacAddress, card.WakeOnLanEnabled = "assigned", mac(n), yes
	return append(all, card)
}

func newDisk(name string, unit int32, size int64, on types.ManagedObjectReference) *types.VirtualDisk {
	d := &types.VirtualDisk{CapacityInKB: size, CapacityInBytes: size << 10}
	d.VirtualDevice = device(2000+unit, fmt.Sprintf("Hard disk %d", unit+1), 1000)
	d.UnitNumber = types.NewInt32(unit)
	d.Backing = &types.VirtualDiskFlatVer2BackingInfo{
		VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{
			FileName: fmt.Sprintf("[%s] %s/%s_%d.vmdk", on.Value, name, name, unit), Datastore: &on,
		},
		DiskMode: "persistent", ThinProvisioned: yes, WriteThrough: no, Split: no, Uuid: identity(name, int(unit)),
	}
	d.Shares = &types.SharesInfo{Shares: 1000, Level: types.SharesLevelNormal}
	d.StorageIOAllocation = &types.StorageIOAllocationInfo{Limit: types.NewInt64(-1), Shares: d.Shares, Reservation: types.NewInt32(0)}
	d.DiskObjectId = "1-" + fmt.Sprint(2000+unit)
	return d
}

func countDisks(all []types.BaseVirtualDevice) (n int32) {
	for _, d := range all {
		if _, ok := d.(*types.VirtualDisk); ok {
			n++
		}
	}
	return n
}

func mac(n int) string { return fmt.Sprintf("00:50:56:%02x:%02x:%02x", n>>16&255, n>>8&255, n&255) }

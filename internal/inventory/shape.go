package inventory

import (
	"strings"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// A shape is the name of a property without the keys of list elements: config.hardware.device.capacityInKB.

// list says how the elements of a list of structures are told apart.
type list struct {
	key      string // the field that is the key; one in a structure where it has a dot
	value    string // the field that is all there is to an element; "": an element has properties
	children string // the field with further elements of the same list, below this one
	skip     func(class string, fields soapxml.Elements) bool
}

// lists are the lists of structures that are known, by their shape. The elements of others are told apart by their place.
// Lists of scalars need no entry: they are sets.
var lists = map[string]list{
	"customValue":                           {key: "key", value: "value"},
	"field":                                 {key: "key"},
	"config.hardware.device":                {key: "key", skip: isChipset},
	"guest.net":                             {key: "deviceConfigId", skip: isInside},
	"guest.disk":                            {key: "diskPath"},
	"snapshot.rootSnapshotList":             {key: "snapshot", children: "childSnapshotList"},
	"host":                                  {key: "key"},
	"summary.hardware.otherIdentifyingInfo": {key: "identifierType.key", value: "identifierValue"},
	"runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo": {key: "name", skip: isSoftware},
	"configurationEx.dasVmConfig":                                    {key: "key"},
	"configurationEx.drsVmConfig":                                    {key: "key"},
	"configurationEx.dpmHostConfig":                                  {key: "key"},
	"configurationEx.rule":                                           {key: "key"},
	"configurationEx.group":                                          {key: "name"},
	"configurationEx.dasConfig.option":                               {key: "key", value: "value"},
	"configurationEx.drsConfig.option":                               {key: "key", value: "value"},
	"configurationEx.dpmConfigInfo.option":                           {key: "key", value: "value"},
}

// isChipset reports whether a device is one that every virtual machine has, and nobody changes.
func isChipset(class string, _ soapxml.Elements) bool {
	switch class {
	case "VirtualIDEController", "VirtualPS2Controller", "VirtualPCIController", "VirtualSIOController", "VirtualKeyboard",
		"VirtualPointingDevice", "VirtualMachineVMCIDevice":
		return true
	}
	return false
}

// isInside reports whether a network of a guest has no card: bridges and containers, by the dozen and ever changing.
func isInside(_ string, fields soapxml.Elements) bool {
	return strings.HasPrefix(fields.Text("deviceConfigId"), "-")
}

// isSoftware reports whether a sensor is a package of software, of which a host has a hundred.
func isSoftware(_ string, fields soapxml.Elements) bool {
	return fields.Text("sensorType") == "Software Components"
}

// classed is where there are structures of different classes, so that the class says what it is.
var classed = setOf("config.hardware.device", "config.hardware.device.backing", "configurationEx.rule")

// noise is what is not kept, by its shape: what comes and goes by itself, says again what is kept already, or nobody looks at.
var noise = withKeys(setOf(
	"runtime.question.choice", "runtime.question.message",
	"config.tools.lastInstallInfo", "config.tools.customizationKeyId",
	"config.cpuAllocation.overheadLimit", "config.memoryAllocation.overheadLimit",

	"config.hardware.device.deviceInfo.summary", "config.hardware.device.capacityInBytes", "config.hardware.device.device",
	"config.hardware.device.shares", "config.hardware.device.slotInfo", "config.hardware.device.numaNode",
	"config.hardware.device.connectable.status", "config.hardware.device.connectable.migrateConnect",
	"config.hardware.device.connectable.allowGuestControl", "config.hardware.device.nativeUnmanagedLinkedClone",
	"config.hardware.device.wakeOnLanEnabled", "config.hardware.device.backing.contentId",
	"config.hardware.device.backing.parent", "config.hardware.device.backing.useAutoDetect",
	"config.hardware.device.backing.backingObjectId", "config.hardware.device.backing.port.connectionCookie",
	"config.hardware.device.backing.port.portKey",

	"guest.toolsStatus", "guest.toolsVersionStatus", // said better by toolsRunningStatus and toolsVersionStatus2
	"guest.ipStack", "guest.screen", "guest.generationInfo", "guest.guestDetailedData", "guest.hwVersion",
	"guest.guestOperationsReady", "guest.interactiveGuestOperationsReady", "guest.guestStateChangeSupported",
	"guest.net.dnsConfig", "guest.net.ipConfig", "guest.net.netBIOSConfig", "guest.disk.mappings",

	"snapshot.rootSnapshotList.vm", "snapshot.rootSnapshotList.childSnapshotList",
	"snapshot.rootSnapshotList.replaySupported", "snapshot.rootSnapshotList.backupManifest",

	"summary.hardware.otherIdentifyingInfo.identifierType", "summary.config.featureVersion",
	"runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo.healthState.label",
	"runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo.healthState.summary",
	"runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo.timeStamp",
	"runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo.sensorNumber",
	"runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo.id",
	"runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo.fru",

	"config.changeVersion", "config.lastModified", "config.entity", // of a resource pool
	"summary.datastore", "configurationEx.vsanHostConfig", "configurationEx.summary",
))

// untracked is what is kept, for metrics, and is no news when it changes.
var untracked = setOf(
	"runtime.bootTime", "runtime.suspendTime",
	"guest.disk.freeSpace", "snapshot.rootSnapshotList.parent",
	"runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo.currentReading",
	"runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo.unitModifier",
	"summary.freeSpace", "summary.uncommitted", "summary.effectiveCpu", "summary.effectiveMemory",
)

// references are the properties whose value is a managed object, or a set of them.
var references = setOf(
	"parent", "parentVApp", "parentFolder", "resourcePool", "owner", "datastore", "network", "runtime.host",
	"config.hardware.device.backing.datastore", "config.hardware.device.backing.network",
	"config.distributedVirtualSwitch", "snapshot.rootSnapshotList.parent", "configurationEx.rule.vm",
	"configurationEx.group.vm", "configurationEx.group.host",
)

// withKeys adds the keys of lists: they are in the names of the elements.
func withKeys(shapes map[string]bool) map[string]bool {
	for shape, l := range lists {
		shapes[shape+"."+l.key] = true
	}
	return shapes
}

func setOf(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// appendShape appends the shape of a name: keys are cut out, and they hold no brackets (see appendKey).
func appendShape(to []byte, name string) []byte {
	for {
		open := strings.IndexByte(name, '[')
		if open < 0 {
			return append(to, name...)
		}
		to = append(to, name[:open]...)
		shut := strings.IndexByte(name[open:], ']')
		if shut < 0 {
			return to
		}
		name = name[open+shut+1:]
	}
}

// appendKey appends a key in brackets, without brackets of its own.
func appendKey(to []byte, key string) []byte {
	to = append(to, '[')
	for i := range len(key) {
		switch c := key[i]; c {
		case '[':
			to = append(to, '(')
		case ']':
			to = append(to, ')')
		default:
			to = append(to, c)
		}
	}
	return append(to, ']')
}

// within reports whether a property is at a path or below it.
func within(name, path string) bool {
	if !strings.HasPrefix(name, path) {
		return false
	}
	return len(name) == len(path) || name[len(path)] == '.' || name[len(path)] == '['
}

package inventory

import (
	"fmt"
	"strings"
)

// answer is a whole answer of WaitForUpdatesEx.
func answer(version string, truncated bool, objectSets ...string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Body><WaitForUpdatesExResponse xmlns="urn:vim25"><returnval><version>` + version + `</version><filterSet><filter type="PropertyFilter">f</filter>` +
		strings.Join(objectSets, "") + fmt.Sprintf(`</filterSet><truncated>%v</truncated></returnval></WaitForUpdatesExResponse></soapenv:Body></soapenv:Envelope>`, truncated))
}

// objectSet is an update of one object: enter, modify or leave.
func objectSet(kind, class, moref string, changes ...string) string {
	return fmt.Sprintf(`<objectSet><kind>%s</kind><obj type="%s">%s</obj>%s</objectSet>`, kind, class, moref, strings.Join(changes, ""))
}

// assign is a change to a value, given by its type and its content.
func assign(path, class, content string) string {
	return fmt.Sprintf(`<changeSet><name>%s</name><op>assign</op><val xsi:type="%s">%s</val></changeSet>`, path, class, content)
}

func text(path, value string) string { return assign(path, "xsd:string", value) }

func unset(path string) string {
	return fmt.Sprintf(`<changeSet><name>%s</name><op>assign</op></changeSet>`, path)
}

func missing(path, fault string) string {
	return fmt.Sprintf(`<missingSet><path>%s</path><fault><fault xsi:type="%s"/><localizedMessage>x</localizedMessage></fault></missingSet>`, path, fault)
}

// device has about the fields that a vCenter sends.
func device(class string, key int, content string) string {
	return fmt.Sprintf(`<VirtualDevice xsi:type="%s"><key>%d</key><deviceInfo><label>%s %d</label><summary>a %s</summary></deviceInfo>%s</VirtualDevice>`,
		class, key, strings.TrimPrefix(class, "Virtual"), key, class, content)
}

// machine is a virtual machine as a vCenter tells it, with its chipset, two disks, a card, guest and tools: about 13 KB.
func machine(n int) string {
	name := fmt.Sprintf("web-%05d", n)
	changes := []string{
		text("name", name), assign("parent", "ManagedObjectReference", "group-v3"),
		assign("resourcePool", "ManagedObjectReference", "resgroup-8"),
		assign("datastore", "ArrayOfManagedObjectReference", fmt.Sprintf(`<ManagedObjectReference type="Datastore" xsi:type="ManagedObjectReference">datastore-%d</ManagedObjectReference>`, n%40)),
		assign("network", "ArrayOfManagedObjectReference", `<ManagedObjectReference type="DistributedVirtualPortgroup" xsi:type="ManagedObjectReference">dvportgroup-21</ManagedObjectReference>`),
		assign("customValue", "ArrayOfCustomFieldValue", `<CustomFieldValue xsi:type="CustomFieldStringValue"><key>101</key><value>finance</value></CustomFieldValue><CustomFieldValue xsi:type="CustomFieldStringValue"><key>102</key><value>2026-01-31</value></CustomFieldValue>`),
		assign("runtime.host", "ManagedObjectReference", fmt.Sprintf("host-%d", n%300)),
		assign("runtime.dasVmProtection", "VirtualMachineRuntimeInfoDasProtectionState", "<dasProtected>true</dasProtected>"),
	}
	for _, p := range [][2]string{
		{"runtime.connectionState", "connected"}, {"runtime.powerState", "poweredOn"}, {"runtime.bootTime", fmt.Sprintf("2026-03-%02dT10:%02d:%02d.123Z", n%28+1, n%60, n/60%60)},
		{"runtime.faultToleranceState", "notConfigured"}, {"runtime.toolsInstallerMounted", "false"}, {"runtime.consolidationNeeded", "false"},
		{"runtime.paused", "false"}, {"config.uuid", fmt.Sprintf("4206d9c2-7dbd-11ee-8f0a-0050%08d", n)}, {"config.instanceUuid", fmt.Sprintf("5006d9c2-7dbd-11ee-8f0a-0050%08d", n)},
		{"config.template", "false"}, {"config.annotation", "web server of the shop, ask the shop team"}, {"config.version", "vmx-19"}, {"config.firmware", "efi"},
		{"config.guestId", "rhel9_64Guest"}, {"config.guestFullName", "Red Hat Enterprise Linux 9 (64-bit)"}, {"config.changeTrackingEnabled", "true"},
		{"config.cpuHotAddEnabled", "true"}, {"config.memoryHotAddEnabled", "true"},
	} {
		changes = append(changes, text(p[0], p[1]))
	}
	return objectSet("enter", "VirtualMachine", fmt.Sprintf("vm-%d", n), append(changes, machineStructs(n, name)...)...)
}

func machineStructs(n int, name string) []string {
	allocation := `<reservation>0</reservation><expandableReservation>false</expandableReservation><limit>-1</limit><shares><shares>4000</shares><level>normal</level></shares>`
	return []string{
		assign("config.files", "VirtualMachineFileInfo", fmt.Sprintf(`<vmPathName>[ds-%d] %s/%s.vmx</vmPathName><snapshotDirectory>[ds-%d] %s</snapshotDirectory><suspendDirectory>[ds-%d] %s</suspendDirectory><logDirectory>[ds-%d] %s</logDirectory>`, n%40, name, name, n%40, name, n%40, name, n%40, name)),
		assign("config.tools", "ToolsConfigInfo", `<toolsVersion>12389</toolsVersion><toolsInstallType>guestToolsTypeOpenVMTools</toolsInstallType><afterPowerOn>true</afterPowerOn><afterResume>true</afterResume><beforeGuestStandby>true</beforeGuestStandby><beforeGuestShutdown>true</beforeGuestShutdown><toolsUpgradePolicy>manual</toolsUpgradePolicy><syncTimeWithHost>false</syncTimeWithHost><syncTimeWithHostAllowed>true</syncTimeWithHostAllowed><lastInstallInfo><counter>3</counter></lastInstallInfo>`),
		assign("config.bootOptions", "VirtualMachineBootOptions", `<bootDelay>0</bootDelay><enterBIOSSetup>false</enterBIOSSetup><efiSecureBootEnabled>true</efiSecureBootEnabled><bootRetryEnabled>false</bootRetryEnabled><bootRetryDelay>10000</bootRetryDelay><networkBootProtocol>ipv4</networkBootProtocol>`),
		assign("config.cpuAllocation", "ResourceAllocationInfo", allocation), assign("config.memoryAllocation", "ResourceAllocationInfo", allocation),
		assign("config.hardware", "VirtualHardware", `<numCPU>4</numCPU><numCoresPerSocket>2</numCoresPerSocket><memoryMB>16384</memoryMB><virtualICH7MPresent>false</virtualICH7MPresent><virtualSMCPresent>false</virtualSMCPresent>`+strings.ReplaceAll(devices(n, name), "VirtualDevice", "device")),
		assign("guest", "GuestInfo", guest(n, name)),
	}
}

func devices(n int, name string) string {
	var b strings.Builder
	for key, class := range map[int]string{
		200: "VirtualIDEController", 201: "VirtualIDEController", 300: "VirtualPS2Controller", 100: "VirtualPCIController", 400: "VirtualSIOController",
		600: "VirtualKeyboard", 700: "VirtualPointingDevice", 12000: "VirtualMachineVMCIDevice",
	} {
		b.WriteString(device(class, key, `<controllerKey>100</controllerKey><unitNumber>17</unitNumber><busNumber>0</busNumber>`))
	}
	b.WriteString(device("VirtualMachineVideoCard", 500, `<controllerKey>100</controllerKey><unitNumber>0</unitNumber><videoRamSizeInKB>8192</videoRamSizeInKB><numDisplays>1</numDisplays><useAutoDetect>false</useAutoDetect><enable3DSupport>false</enable3DSupport><use3dRenderer>automatic</use3dRenderer><graphicsMemorySizeInKB>262144</graphicsMemorySizeInKB>`))
	b.WriteString(device("ParaVirtualSCSIController", 1000, `<controllerKey>100</controllerKey><unitNumber>3</unitNumber><busNumber>0</busNumber><device>2000</device><device>2001</device><hotAddRemove>true</hotAddRemove><sharedBus>noSharing</sharedBus><scsiCtlrUnitNumber>7</scsiCtlrUnitNumber>`))
	b.WriteString(device("VirtualCdrom", 16000, `<backing xsi:type="VirtualCdromRemotePassthroughBackingInfo"><deviceName></deviceName><useAutoDetect>false</useAutoDetect><exclusive>false</exclusive></backing><connectable><migrateConnect>unset</migrateConnect><startConnected>false</startConnected><allowGuestControl>true</allowGuestControl><connected>false</connected><status>untried</status></connectable><controllerKey>15000</controllerKey><unitNumber>0</unitNumber>`))
	for disk := range 2 {
		b.WriteString(device("VirtualDisk", 2000+disk, fmt.Sprintf(`<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[ds-%d] %s/%s_%d.vmdk</fileName><datastore type="Datastore">datastore-%d</datastore><backingObjectId></backingObjectId><diskMode>persistent</diskMode><split>false</split><writeThrough>false</writeThrough><thinProvisioned>true</thinProvisioned><uuid>6000C29%d-aaaa-bbbb-cccc-%012d</uuid><contentId>cafe%d</contentId><digestEnabled>false</digestEnabled><sharing>sharingNone</sharing></backing><controllerKey>1000</controllerKey><unitNumber>%d</unitNumber><capacityInKB>104857600</capacityInKB><capacityInBytes>107374182400</capacityInBytes><shares><shares>1000</shares><level>normal</level></shares><storageIOAllocation><limit>-1</limit><shares><shares>1000</shares><level>normal</level></shares><reservation>0</reservation></storageIOAllocation><diskObjectId>1-%d</diskObjectId><nativeUnmanagedLinkedClone>false</nativeUnmanagedLinkedClone>`,
			n%40, name, name, disk, n%40, disk, n, n, disk, 2000+disk)))
	}
	b.WriteString(device("VirtualVmxnet3", 4000, fmt.Sprintf(`<backing xsi:type="VirtualEthernetCardDistributedVirtualPortBackingInfo"><port><switchUuid>50 06 c4 9d 86 5c 7a e5-8e 11 b5 4d 0f 3c 29 aa</switchUuid><portgroupKey>dvportgroup-21</portgroupKey><portKey>%d</portKey><connectionCookie>%d</connectionCookie></port></backing><connectable><migrateConnect>unset</migrateConnect><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl><connected>true</connected><status>ok</status></connectable><controllerKey>100</controllerKey><unitNumber>7</unitNumber><addressType>assigned</addressType><macAddress>00:50:56:%02x:%02x:%02x</macAddress><wakeOnLanEnabled>true</wakeOnLanEnabled><resourceAllocation><reservation>0</reservation><share><shares>50</shares><level>normal</level></share><limit>-1</limit></resourceAllocation><uptCompatibilityEnabled>true</uptCompatibilityEnabled>`,
		n, n*7, n>>16, n>>8&255, n&255)))
	return b.String()
}

func guest(n int, name string) string {
	return fmt.Sprintf(`<toolsStatus>toolsOk</toolsStatus><toolsVersionStatus>guestToolsUnmanaged</toolsVersionStatus><toolsVersionStatus2>guestToolsUnmanaged</toolsVersionStatus2><toolsRunningStatus>guestToolsRunning</toolsRunningStatus><toolsVersion>12389</toolsVersion><toolsInstallType>guestToolsTypeOpenVMTools</toolsInstallType><guestId>rhel9_64Guest</guestId><guestFamily>linuxGuest</guestFamily><guestFullName>Red Hat Enterprise Linux 9 (64-bit)</guestFullName><hostName>%s.example.com</hostName><ipAddress>10.%d.%d.%d</ipAddress><net><network>prod-21</network><ipAddress>10.%d.%d.%d</ipAddress><ipAddress>fe80::250:56ff:fe00:%04x</ipAddress><macAddress>00:50:56:%02x:%02x:%02x</macAddress><connected>true</connected><deviceConfigId>4000</deviceConfigId><ipConfig><ipAddress><ipAddress>10.0.0.1</ipAddress><prefixLength>24</prefixLength><state>preferred</state></ipAddress></ipConfig></net><ipStack><dnsConfig><dhcp>false</dhcp><hostName>x</hostName><domainName>example.com</domainName><ipAddress>10.0.0.2</ipAddress></dnsConfig><ipRouteConfig><ipRoute><network>0.0.0.0</network><prefixLength>0</prefixLength><gateway><ipAddress>10.0.0.1</ipAddress><device>0</device></gateway></ipRoute></ipRouteConfig></ipStack><disk><diskPath>/</diskPath><capacity>53660876800</capacity><freeSpace>%d</freeSpace><filesystemType>xfs</filesystemType><mappings><key>2000</key></mappings></disk><disk><diskPath>/boot</diskPath><capacity>1063256064</capacity><freeSpace>%d</freeSpace><filesystemType>xfs</filesystemType><mappings><key>2000</key></mappings></disk><screen><width>1024</width><height>768</height></screen><guestState>running</guestState><appHeartbeatStatus>appStatusGray</appHeartbeatStatus><guestKernelCrashed>false</guestKernelCrashed><appState>none</appState><guestOperationsReady>true</guestOperationsReady><interactiveGuestOperationsReady>false</interactiveGuestOperationsReady><guestStateChangeSupported>true</guestStateChangeSupported><hwVersion>vmx-19</hwVersion>`,
		name, n>>16, n>>8&255, n&255, n>>16, n>>8&255, n&255, n&0xffff, n>>16, n>>8&255, n&255, 20000000000+n*4096, 800000000+n*4096)
}

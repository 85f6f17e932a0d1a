package catalog

import "github.com/vmware/govmomi/vim25/types"

// ExtendedType is an event type that has no class of its own: its events are EventEx.
type ExtendedType struct {
	ID, Category, Description, Format string
}

func (x ExtendedType) detail() types.EventDescriptionEventDetail {
	format := x.ID + "|" + x.Format
	return types.EventDescriptionEventDetail{
		Key: "EventEx", Description: x.Description, Category: x.Category,
		FormatOnDatacenter: format, FormatOnComputeResource: format, FormatOnHost: format, FormatOnVm: format, FullFormat: format,
	}
}

// Extended are the EventEx types that the catalog knows.
var Extended = []ExtendedType{
	{"com.vmware.vc.ha.VmRestartedByHAEvent", "warning", "Virtual machine restarted by vSphere HA", "vSphere HA restarted virtual machine {vm.name} on host {host.name} in cluster {computeResource.name}"},
	{"com.vmware.vc.ha.ClusterFailoverActionInitiatedEvent", "warning", "vSphere HA initiated a failover action", "vSphere HA initiated a failover action in cluster {computeResource.name}"},
	{"com.vmware.vc.ha.ClusterFailoverActionCompletedEvent", "info", "vSphere HA completed a failover action", "vSphere HA completed a virtual machine failover action in cluster {computeResource.name}"},
	{"com.vmware.vc.HA.DasHostFailedEvent", "error", "vSphere HA detected a host failure", "vSphere HA detected a possible host failure of host {host.name} in cluster {computeResource.name}"},
	{"com.vmware.vc.HA.HostStateChangedEvent", "info", "vSphere HA host state changed", "The vSphere HA availability state of the host {host.name} in cluster {computeResource.name} has changed to {newState}"},
	{"com.vmware.vc.HA.HostPartitionedFromMasterEvent", "warning", "vSphere HA agent is network partitioned", "The vSphere HA availability state of host {host.name} has changed to network partitioned"},
	{"com.vmware.vc.HA.ClusterContainsIncompatibleHosts", "warning", "vSphere HA cluster contains incompatible hosts", "vSphere HA cluster {computeResource.name} contains hosts with incompatible versions"},
	{"com.vmware.vc.VmDiskConsolidatedEvent", "info", "Virtual machine disks consolidated", "Virtual machine {vm.name} disks consolidated successfully on {host.name}"},
	{"com.vmware.vc.VmDiskConsolidationNeeded", "warning", "Virtual machine disks consolidation needed", "Virtual machine {vm.name} disks consolidation is needed on {host.name}"},
	{"com.vmware.vc.VmDiskFailedToConsolidateEvent", "error", "Virtual machine disk consolidation failed", "Virtual machine {vm.name} disks consolidation failed on {host.name}"},
	{"com.vmware.vc.vm.VmStateRevertedToSnapshot", "info", "Virtual machine reverted to snapshot", "The execution state of the virtual machine {vm.name} has been reverted to the state of snapshot {snapshotName}"},
	{"com.vmware.vc.vm.VmStateFailedToRevertToSnapshot", "error", "Failed to revert to snapshot", "Failed to revert the execution state of the virtual machine {vm.name} to snapshot {snapshotName}"},
	{"com.vmware.vc.sdrs.StorageDrsEnabledEvent", "info", "Storage DRS enabled", "Enabled storage DRS on datastore cluster {objectName}"},
	{"com.vmware.vc.datastore.DatastoreThinProvisionedThresholdReached", "warning", "Thin provisioning threshold reached", "Datastore {ds.name} reached its thin provisioning threshold"},
	{"com.vmware.vc.certmgr.HostCertExpirationImminentEvent", "error", "Host certificate expiration is imminent", "Host certificate expiration is imminent on {host.name}"},
	{"com.vmware.vc.authorization.NoPermission", "error", "Operation without permission", "User {userName} has no permission for {permission}"},
	{"com.vmware.vc.EventBurstStartedEvent", "warning", "Event burst started", "A burst of '{eventTypeId}' events started"},
	{"com.vmware.vc.EventBurstCompressedEvent", "warning", "Event burst compressed", "{count} '{eventTypeId}' events were compressed since {burstStartTime}"},
	{"com.vmware.vc.EventBurstEndedEvent", "info", "Event burst ended", "The burst of '{eventTypeId}' events ended"},
	{"com.vmware.vc.StatelessAlarmTriggeredEvent", "info", "Alarm triggered an action", "Alarm '{alarm.name}' on {entity.name} triggered by event"},
	{"com.vmware.cis.CreateTag", "info", "Tag created", "User {userName} created tag {tagName}"},
	{"com.vmware.cis.tagging.attach", "info", "Tag attached", "User {userName} attached tag {tagName} to object {objectName}"},
	{"com.vmware.sso.LoginSuccess", "info", "Single sign-on login", "Successful login {userName}@{userIp} at {timestamp} in SSO"},
	{"com.vmware.sso.LoginFailure", "error", "Single sign-on login failed", "Failed login {userName}@{userIp} at {timestamp} in SSO"},
	{"esx.problem.storage.connectivity.lost", "error", "Lost storage connectivity", "Lost connectivity to storage device {1}. Path {2} is down. Affected datastores: {3}."},
	{"esx.problem.storage.redundancy.lost", "warning", "Lost storage path redundancy", "Lost path redundancy to storage device {1}. Path {2} is down. Affected datastores: {3}."},
	{"esx.clear.storage.connectivity.restored", "info", "Storage connectivity restored", "Connectivity to storage device {1} was restored. Path {2} is active again. Affected datastores: {3}."},
	{"esx.problem.scsi.device.io.latency.high", "warning", "Storage device latency went up", "Device {1} performance has deteriorated. I/O latency increased from average value of {2} microseconds to {3} microseconds."},
	{"esx.clear.scsi.device.io.latency.improved", "info", "Storage device latency improved", "Device {1} performance has improved. I/O latency reduced from {2} microseconds to {3} microseconds."},
	{"esx.problem.net.connectivity.lost", "error", "Lost network connectivity", "Lost network connectivity on virtual switch {1}. Physical NIC {2} is down. Affected portgroups: {3}."},
	{"esx.problem.net.redundancy.lost", "warning", "Lost network redundancy", "Lost uplink redundancy on virtual switch {1}. Physical NIC {2} is down. Affected portgroups: {3}."},
	{"esx.problem.net.vmnic.linkstate.down", "warning", "Link state down", "Physical NIC {1} linkstate is down."},
	{"esx.clear.net.vmnic.linkstate.up", "info", "Link state up", "Physical NIC {1} linkstate is up."},
	{"esx.problem.vmfs.heartbeat.timedout", "warning", "VMFS heartbeat timed out", "Lost access to volume {1} ({2}) due to connectivity issues. Recovery attempt is in progress and outcome will be reported shortly."},
	{"esx.problem.vmfs.heartbeat.recovered", "info", "VMFS heartbeat recovered", "Successfully restored access to volume {1} ({2}) following connectivity issues."},
	{"esx.problem.vob.vsan.pdl.offline", "error", "vSAN device offline", "vSAN device {1} has gone offline."},
	{"esx.audit.ssh.session.opened", "info", "SSH session opened", "SSH session was opened for '{1}'."},
	{"esx.audit.ssh.session.closed", "info", "SSH session closed", "SSH session was closed for '{1}'."},
	{"esx.audit.account.locked", "warning", "Account locked", "Remote access for ESXi local user account '{1}' has been locked for {2} seconds after {3} failed login attempts."},
	{"esx.audit.maintenancemode.entered", "info", "Entered maintenance mode", "The host has entered maintenance mode."},
	{"vprob.vmfs.resource.corruptondisk", "error", "VMFS corruption", "At least one corrupt resource metadata region was detected on volume {1} ({2})."},
	{"hardware.diskdrive.status", "warning", "Disk drive status", "Hardware disk drive status of {host.name} has changed."},
	{"vim.event.LicenseDowngradedEvent", "warning", "License downgrade", "License downgrade: {licenseKey} removes the features: {lostFeatures}"},
}

package translate

// Names of the attributes that a record or its resource may have, beside those under dataPrefix.
const (
	attrServiceName       = "service.name"
	attrServiceInstanceID = "service.instance.id"
	attrServiceVersion    = "service.version"
	attrServerAddress     = "server.address"
	attrInstanceUUID      = "vcenter.instance.uuid"
	attrInstanceName      = "vcenter.instance.name"

	attrType        = "vcenter.event.type"
	attrKey         = "vcenter.event.key"
	attrChainID     = "vcenter.event.chain_id"
	attrCategory    = "vcenter.event.category"
	attrUID         = "log.record.uid"
	attrUserName    = "user.name"
	attrClient      = "client.address"
	attrUserAgent   = "user_agent.original"
	attrObjectType  = "vcenter.object.type"
	attrObjectName  = "vcenter.object.name"
	attrObjectMoref = "vcenter.object.moref"
	attrDropped     = "vcenter.event.dropped"
	attrUnreadable  = "vcenter.event.unreadable"
	attrGapFrom     = "vcenter.gap.from"
	attrGapTo       = "vcenter.gap.to"
	attrGapReason   = "vcenter.gap.reason"

	attrObjectPath   = "vcenter.object.path"
	attrVMID         = "vcenter.vm.id"
	attrTags         = "vcenter.tags"
	attrCustomPrefix = "vcenter.custom_attribute."

	attrChangeType     = "vcenter.change.type"
	attrChangeSet      = "vcenter.change.set"
	attrChangeOrigin   = "vcenter.change.origin"
	attrChangeDropped  = "vcenter.change.dropped"
	attrPropertyName   = "vcenter.property.name"
	attrPropertyOld    = "vcenter.property.old"
	attrPropertyNew    = "vcenter.property.new"
	attrInventoryTotal = "vcenter.inventory.total"
	attrCountPrefix    = "vcenter.inventory.count."

	attrRefusedUID    = "vcenter.refused.uid"
	attrRefusedReason = "vcenter.refused.reason"

	dataPrefix = "vcenter.event.data."
)

// Attribute is one attribute as a user meets it.
type Attribute struct {
	Name    string
	Meaning string
	Example string
}

// ResourceAttributes are those of the resource of all logs, in the order in which it has them.
var ResourceAttributes = []Attribute{
	{attrServiceName, "`vcenter`; for changes of the inventory `vcenter.inventory`", "vcenter"},
	{attrServiceInstanceID, "the vCenter's instanceUuid", "7c1d2a30-93f5-4a4e-8f0e-2b8b1f3d5c11"},
	{attrServiceVersion, "the vCenter's version", "8.0.3"},
	{attrServerAddress, "host of the endpoint", "vc.example.com"},
	{attrInstanceUUID, "the vCenter's instanceUuid, on every resource of every signal", "7c1d2a30-93f5-4a4e-8f0e-2b8b1f3d5c11"},
	{attrInstanceName, "the configured name of the vCenter, on every resource of every signal", "dc1"},
}

// RecordAttributes are the fixed attributes of an event's record, in the order in which it has them. One that the event
// says nothing of is absent.
var RecordAttributes = []Attribute{
	{attrType, "class of the event, or the eventTypeId of an EventEx or ExtendedEvent", "VmPoweredOnEvent"},
	{attrKey, "the event's key (int)", "184467"},
	{attrChainID, "what the events of one operation have in common (int)", "184460"},
	{attrCategory, "vCenter's category: info, warning, error or user", "info"},
	{attrUID, "identity of the record: instanceUuid, key and creation time in ms; the same from any replica", "7c1d2a30-93f5-4a4e-8f0e-2b8b1f3d5c11:184467:1763719200123"},
	{attrUserName, "who caused the event", `VSPHERE.LOCAL\Administrator`},
	{attrClient, "where a session came from", "192.0.2.17"},
	{attrUserAgent, "client of a session", "VMware-client/8.0.3"},
	{attrObjectType, "type of the object that the event is about", "VirtualMachine"},
	{attrObjectName, "its name", "web-01"},
	{attrObjectMoref, "the value of its managed object reference", "vm-42"},
	{kinds[datacenter].name, "datacenter", "Berlin"},
	{kinds[datacenter].moref, "its moref", "datacenter-3"},
	{kinds[cluster].name, "cluster; absent for a stand-alone host", "prod"},
	{kinds[cluster].moref, "its moref", "domain-c8"},
	{kinds[host].name, "host", "esx1.example.com"},
	{kinds[host].moref, "its moref", "host-28"},
	{kinds[vm].name, "virtual machine", "web-01"},
	{kinds[vm].moref, "its moref", "vm-42"},
	{kinds[datastore].name, "datastore", "ssd-1"},
	{kinds[datastore].moref, "its moref", "datastore-15"},
	{kinds[network].name, "network or distributed port group", "VM Network"},
	{kinds[network].moref, "its moref", "network-7"},
	{kinds[dvs].name, "distributed switch", "dvs-1"},
	{kinds[dvs].moref, "its moref", "dvs-31"},
	{attrUnreadable, "why the event could not be read: it was not well-formed XML, and its own fields are missing", "malformed XML at byte 1301: a tag that is not closed"},
	{attrDropped, "number of attributes (and body) that were left out or cut short by the bounds of a record (int)", "3"},
}

// ContextAttributes are those that an event's record has of what is known beside the event itself, in the order in which it
// has them, behind all others.
var ContextAttributes = []Attribute{
	{attrObjectPath, "where the object is that the event is about, from below the root folder down, as vCenter's search takes it", "/Berlin/vm/shop/web-01"},
	{kinds[cluster].name, "cluster of the host, the virtual machine or the object, where the event does not name it", "prod"},
	{kinds[cluster].moref, "its moref", "domain-c8"},
	{attrVMID, "instanceUuid of the virtual machine", "5006f0a2-1c1d-4b8a-9d3e-0f5c6a7b8c9d"},
	{attrTags, "tags of the object, each as category:name (a list of strings)", `["env:prod","team:shop"]`},
	{attrCustomPrefix + "<name>", "the object's custom attributes, 16 at most, by name", "finance"},
}

// ChangeAttributes are those of the record of a change, in the order in which it has them. One that is not known is absent.
var ChangeAttributes = []Attribute{
	{attrChangeType, "`created`, `changed` or `removed`", "changed"},
	{attrUID, "identity of the change: a hash of instanceUuid, object, property, and values before and after", "4ea559de3df915c629aae33810c5916c"},
	{attrChangeSet, "what the changes that were read together have in common", "1795255200123-7"},
	{attrChangeOrigin, "`live`: vCenter pushed it; `resume`: it happened while nobody watched, and was found when everything was read anew", OriginLive},
	{attrObjectType, "type of the object", "VirtualMachine"},
	{attrObjectName, "its name, after the change", "web-01"},
	{attrObjectMoref, "the value of its managed object reference", "vm-42"},
	{attrObjectPath, "where it is, from below the root folder down, as vCenter's search takes it", "/Berlin/vm/shop/web-01"},
	{kinds[datacenter].name, "datacenter that it is, or is in", "Berlin"},
	{kinds[datacenter].moref, "its moref", "datacenter-3"},
	{kinds[cluster].name, "cluster that it is, or is in; absent for a stand-alone host", "prod"},
	{kinds[cluster].moref, "its moref", "domain-c8"},
	{kinds[host].name, "host that it is, or that the virtual machine is on", "esx1.example.com"},
	{kinds[host].moref, "its moref", "host-28"},
	{kinds[vm].name, "virtual machine", "web-01"},
	{kinds[vm].moref, "its moref", "vm-42"},
	{kinds[datastore].name, "datastore", "ssd-1"},
	{kinds[datastore].moref, "its moref", "datastore-15"},
	{kinds[network].name, "network or distributed port group", "VM Network"},
	{kinds[network].moref, "its moref", "network-7"},
	{kinds[dvs].name, "distributed switch", "dvs-1"},
	{kinds[dvs].moref, "its moref", "dvs-31"},
	{attrVMID, "instanceUuid of a virtual machine", "5006f0a2-1c1d-4b8a-9d3e-0f5c6a7b8c9d"},
	{attrPropertyName, "the property that changed; an element of a list is named by its key", "runtime.powerState"},
	{attrPropertyOld, "its value before, absent where there was none", "poweredOn"},
	{attrPropertyNew, "its value after, absent where there is none", "poweredOff"},
	{attrChangeDropped, "number of attributes (and body) that were cut short by the bounds of a record (int)", "1"},
}

// SyncedAttributes are those of the record of a first reading, in the order in which it has them.
var SyncedAttributes = []Attribute{
	{attrChangeType, "always `synced`", changeSynced},
	{attrUID, "identity of the record", "7c1d2a30-93f5-4a4e-8f0e-2b8b1f3d5c11:inventory:8f3b0c52d1e49a67"},
	{attrInventoryTotal, "number of objects (int)", "5713"},
	{attrCountPrefix + "<type>", "number of objects of a type (int)", "5000"},
}

// GapAttributes are those of the record of a gap, in the order in which it has them.
var GapAttributes = []Attribute{
	{attrType, "always `vcenter.stream.gap`", GapEvent},
	{attrUID, "identity of the record: instanceUuid, begin of the gap in ms, and reason", "7c1d2a30-93f5-4a4e-8f0e-2b8b1f3d5c11:gap:1794648600123:max_age"},
	{attrGapFrom, "begin of the gap; absent where it is the beginning of the history", "2026-11-14T09:30:00.123Z"},
	{attrGapTo, "end of the gap", "2026-11-15T10:00:00.000Z"},
	{attrGapReason, "why: `max_age`, older than the setting `events::max_age` allows; `retention`, deleted by vCenter before it was read; `possible`, nothing is there, for an unknown reason", GapMaxAge},
}

// RefusedAttributes are those of the record of a refusal, in the order in which it has them.
var RefusedAttributes = []Attribute{
	{attrType, "always `vcenter.stream.refused`", RefusedEvent},
	{attrUID, "identity of this record", "7c1d2a30-93f5-4a4e-8f0e-2b8b1f3d5c11:184467:1763719200123:refused"},
	{attrRefusedUID, "identity of the record that was refused", "7c1d2a30-93f5-4a4e-8f0e-2b8b1f3d5c11:184467:1763719200123"},
	{attrRefusedReason, "what the pipeline said", "responded with HTTP Status Code 413"},
}

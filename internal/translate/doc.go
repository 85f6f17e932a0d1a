// Package translate turns what was read from vCenter into OTLP. It is pure: no I/O, no clock, no log, and the same input
// gives the same bytes always, so that a record that is delivered again is the same record.
//
// [Events] and [Batch] make one log record of each event, whatever its class. A record has a fixed part, which
// [RecordAttributes] lists, and the fields of the event's own class as vcenter.event.data.<field>, under VMware's names
// and in vCenter's order:
//
//	<template>false</template>                                  data.template        = "false"
//	<destHost><name>esx1</name><host …>host-9</host></destHost> data.destHost.name   = "esx1", data.destHost.moref = "host-9"
//	<referenceHost type="HostSystem">host-9</referenceHost>     data.referenceHost.moref = "host-9"
//	<portKey>1</portKey><portKey>2</portKey>                    data.portKey         = `["1","2"]`
//	<role><roleId>-1</roleId><name>Admin</name></role>          data.role            = `{"roleId":"-1","name":"Admin"}`
//	<arguments><key>k</key><value xsi:type="xsd:int">7</value>  data.k               = 7
//
// A value is a string, as XML has it, unless the element itself says by xsi:type that it is a number or a boolean: the
// same field would otherwise change its type with the version of a list of classes that we would have to know. (Loki
// makes strings of all of them.) JSON is written the same way, in the document's order, with VMware's "_typeName" where the
// element names its type. XML does not tell a list of one from a scalar, and neither do we.
//
// An empty element is absent, for most back ends do not tell an empty value from none. The fields that all events have,
// and the eventTypeId, severity and object of an EventEx or ExtendedEvent, are in the fixed part and not repeated as data;
// those of a class are data even where the fixed part says them again under a standard name (client.address). Session IDs
// and passwords are left out wherever they occur.
//
// Behind these stands what is known beside the event, from a [Context] that is handed in as a value: where its object is, in
// which cluster, its tags and custom attributes ([ContextAttributes]). What the event says itself is never replaced by that.
//
// [ChangeBatch] makes one log record of each change of the inventory ([ChangeAttributes]), and [Synced] one of all that there
// is at first ([SyncedAttributes]). They have a resource of their own, and so are a stream of their own.
//
// [Metrics] makes points of what the inventory is and what was asked for beside it, one resource for each object, and ends
// each series that it told and that is no more, be its object gone or not. What it does not know it does not tell, and has not ended; what is
// switched off it does not look at.
//
// A record is bounded (see bounds.go); what was left out or cut short for that is counted in it, and the fixed part stays.
package translate

// Package control lets scripts play a simulated vCenter over HTTP: its address is its own, not vCenter's.
//
//	POST /burst?n=20000                append n events at once
//	POST /append                       append the events of a JSON list:
//	                                   [{"class": "VmPoweredOnEvent", "key": 7, "created": "2026-01-02T03:04:05Z",
//	                                     "user": "alice", "message": "…", "eventTypeId": "…", "severity": "…"}]
//	                                   All but class may be left out; a class that govmomi does not know is possible
//	POST /prune?before-key=100         drop events: with lower keys,
//	POST /prune?older-than=1h          or created longer ago,
//	POST /prune?oldest=500             or the 500 that were appended first
//	POST /next-key?key=-2147483648     the next event's key: restart, or overflow
//	POST /kill-sessions                terminate all sessions
//	POST /restart?outage=2s            cut connections, lose sessions, come back at the same address
//	POST /doorbell?on=false            lose the pushes of new events
//	POST /clock?offset=-1h             set the vCenter's clock
//	POST /instance?uuid=…              become another vCenter; without uuid, a random one
//	POST /order?by=creation            let collectors read by creation, or by insertion
//	POST /rate?events=50               events a second, from now on
//	GET  /stats                        sessions, live objects, calls by method, journal size, last key
//	GET  /events                       all events: key, createdTime, class, typeId; what a receiver should have delivered
//
// Every POST answers with what it did, as JSON; a parameter that is not understood is 400.
package control

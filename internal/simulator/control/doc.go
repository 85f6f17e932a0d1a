// Package control lets scripts play a simulated vCenter over HTTP: its address is its own, not vCenter's.
//
// The history:
//
//	POST /burst?n=20000                append n events at once
//	POST /append                       append the events of a JSON list:
//	                                   [{"class": "VmPoweredOnEvent", "key": 7, "created": "2026-01-02T03:04:05Z",
//	                                     "user": "alice", "message": "…", "eventTypeId": "…", "severity": "…"}]
//	                                   All but class may be left out; a class that govmomi does not know is possible.
//	                                   With "xml", all that is inside of its element, it is told exactly so, maybe
//	                                   without key and time; with "malformed": true its XML is not well-formed
//	POST /hidden?n=1500                append n events that the account may not see
//	POST /compressed-burst?n=100       append what is stored of a burst of n events: 30, a hole in the keys, and that there was one
//	POST /prune?before-key=100         drop events: with lower keys,
//	POST /prune?older-than=1h          or created longer ago,
//	POST /prune?oldest=500             or the 500 that were appended first
//	POST /retention?max-age=1h         events vanish by themselves at that age, and the options event.maxAge… say so; 0: never
//	POST /next-key?key=-2147483648     the next event's key: restart, or overflow
//	POST /rate?events=50               events a second, from now on
//	GET  /events                       all events: key, createdTime, class, typeId; what a receiver should have delivered
//	GET  /recording                    all that ever were in the history, with what identifies them and when they came and
//	                                   went; instanceUuids and logins: simulator.Recording
//
// How it is read:
//
//	POST /order?by=creation            let collectors read by creation, or by insertion
//	POST /hiding?then=sticks           a cursor that meets a page of hidden events is stuck, or passes
//	POST /stall                        the cursors that there are find nothing any more, for ever
//	POST /stall?on=true                no cursor finds anything, until on=false
//	POST /max-collectors?n=0           event collectors that a session may have
//	POST /doorbell?on=false            lose the pushes of new events
//	POST /doorbell?coalesce=2s         let changes gather before they are pushed
//
// The vCenter and its sessions:
//
//	POST /kill-sessions                terminate all sessions
//	POST /kill-sessions?during=M       terminate the session of the next call of method M, in the middle of that
//	POST /idle-timeout?after=5s        sessions end after so long without a call; 0: never
//	POST /password?is=…                change the account's password; without is, the original one
//	POST /restart?outage=2s            cut connections, lose sessions, come back at the same address
//	POST /clock?offset=-1h             set the vCenter's clock
//	POST /instance?uuid=…              become another vCenter; without uuid, a random one
//	GET  /stats                        sessions, live objects and their peak, logins and what became of them, calls by
//	                                   method, journal size, last key: simulator.Stats
//
// The large inventory, where there is one (vcenter-sim -large). What is played is pushed, and has its events; how many
// objects it is played with may be left out, and is one then. The answer names the objects:
//
//	GET  /inventory                    all objects as they are now: a list of property.Fact
//	POST /changes?rate=2               changes a second that happen by themselves, from now on
//	POST /storm?vms=5000               something happens to each: one of power, reconfigure, address, rename, move, vmotion,
//	                                   snapshot and attribute
//	POST /power?vms=1                  switched on, or off
//	POST /reconfigure?vms=1            more memory, or another disk
//	POST /address?vms=1                another IP address
//	POST /rename?vms=1                 another name
//	POST /move?vms=1                   another folder
//	POST /vmotion?vms=1                another host
//	POST /clone?vms=1                  copied; the answer names the copies
//	POST /delete?vms=1                 gone
//	POST /snapshot?vms=1               one more snapshot
//	POST /unsnapshot?vms=1             one less
//	POST /attribute?vms=1              another value of a custom attribute
//	POST /tag?vms=1                    one more tag
//	POST /untag?vms=1                  one less
//	POST /quickstats?vms=1             what is never pushed: quickStats, of host, pool and cluster, too
//	POST /grow?vms=1                   more storage that is taken: not pushed, either
//	POST /alarm?vms=1                  an alarm that goes off, or ends: not pushed, but an event
//	POST /host-failure?hosts=1         hosts are lost, and what ran there is restarted on others
//	POST /host-recovery?hosts=1        lost hosts are back
//	POST /maintenance?hosts=1          hosts go into maintenance, when their virtual machines have left, or out of it
//	POST /fill?datastores=1            more or less free space
//	POST /rename-datastore?datastores=1
//	POST /rename-folder?folders=1      another path for all that is in it
//	POST /define?attributes=1          one more custom attribute
//
// The network, where there is a fault proxy before the vCenter:
//
//	POST /faults                       add rules of a JSON list, the first that matches a call decides:
//	                                   [{"fault": "cut", "method": "ReadNextEvents", "n": 120, "for": "2s", "skip": 1,
//	                                     "count": 1, "probability": 0.3, "idleFor": "5s"}]
//	                                   All but fault may be left out. For the names, n and for, see fault.Named
//	DELETE /faults                     forget all rules
//	GET  /faults                       calls and faults by method
//	GET  /makings                      logins and creations, and whether their answers went out: a list of fault.Making
//	POST /listen?mode=refusing         what becomes of new connections: open, refusing, silent
//	POST /reset                        reset all connections; with idle=true, the idle ones
//	POST /certificate                  another certificate from the next handshake on; with original=true, the first one
//
// Accidents; see package accident for what they are and which parameters they have:
//
//	POST /accident                     play the one in the body, and answer when it is mended:
//	                                   {"kind": "restart", "for": "2s", "n": 0, "by": "0s", "method": ""}
//	POST /accidents?seed=7             play those that a seed has, one after another, in the background. Optional: limit
//	                                   (how many), only and without (kinds, with commas between), pace, longest, late (times)
//	GET  /accidents                    seed, whether it goes on, and what was played
//	DELETE /accidents                  end it, mend what lasts, and answer as GET
//	GET  /accidents/kinds              what there is
//
// Every request is answered with what it did, as JSON; one that is not understood, or cannot be played, with 400.
package control

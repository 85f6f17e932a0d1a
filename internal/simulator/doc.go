// Package simulator is a vCenter with a memory: for tests, demonstrations and benchmarks, in the process or as cmd/vcenter-sim.
//
// Logins, inventory, views, tasks and the properties of inventory objects are govmomi's vcsim. Before it stands a gateway
// that answers itself whatever a receiver of events depends on, because there vcsim does what no vCenter does:
//
//   - The event history is a journal of our own (package journal): events keep the keys, chains, times and users that they
//     were given; nothing is dropped until it is pruned; collectors read by insertion or by creation. What vcsim itself
//     does (a login, a VM powered on) is copied into it, once.
//   - All of an EventFilterSpec is applied. Collectors are limited in each session, and end with it.
//   - latestPage is pushed with its changes gathered (Settings.Coalesce): a burst rings once. The pushes have versions: the
//     last answer is repeated for the version before it, and any other is InvalidCollectorVersion.
//   - Long polls end with their session, their property collector and their client, also those that vcsim answers.
//   - Sessions end by themselves after Settings.IdleTimeout; events, after Settings.MaxAge, and the options say so.
//   - From version 9 on, QueryEvents reads by key (EventManagerViewByStartId); an older vCenter does not know that.
//   - Sessions, live objects and calls are counted; each call is told with its operationID and User-Agent. Recording tells
//     all events that ever were, when they came and went, and the logins: what a validator of a run needs.
//   - Answers are written as a vCenter writes XML (package envelope).
//
// And it plays accidents: KillSessions, KillSessionDuring, Restart (or Suspend and Resume), SetDoorbell, SetCoalesce,
// SetClockOffset, SetInstanceUUID, SetPassword, SetMaxCollectors, SetRetention; Journal().Prune, Hide, SetHiding,
// SetStalled, StallCursors, SetOrder, SetNextKey, SkipKeys, and events that are Hidden, Raw or malformed. Those of the
// network are package fault's, a proxy to put before it. Package accident plays all of them, by name or by seed.
//
// The inventory is vcsim's, small, and does not change by itself; or, with Settings.Inventory, one of our own (package
// property) that can hold tens of thousands of virtual machines, with views, a property collector and the tagging API that
// are answered from it, and scripts of what happens in a data centre: Large.
//
// Beside it: package traffic makes plausible events, package control lets scripts play over HTTP, package state keeps a
// journal in a file.
//
// # Not played
//
// One property collector cannot watch both the history and the inventory (NotSupported). The small inventory's pushes, tasks,
// performance counters and permissions are vcsim's, with the shortcomings that it has. The large inventory can be read,
// watched and changed by scripts; it has no methods of its own (PowerOnVM_Task …), no performance counters, no list views, and
// is not in the SearchIndex.
package simulator

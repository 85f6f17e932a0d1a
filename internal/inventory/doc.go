// Package inventory keeps what vCenter pushes of its inventory: every object with its properties, as they are now.
//
// A [Watcher] has a property collector of its own in vCenter, with one filter over everything below the root folder, and
// waits for changes with WaitForUpdatesEx. The first answer holds everything, the others hold what changed. An update set
// is applied to the [Cache] whole or not at all, also where it comes in parts. A watcher whose answer was lost is broken:
// vCenter may have moved on. Its owner opens another, whose first answer is held against the cache: what is equal stays
// as it is, what is gone becomes a tombstone.
//
// A [Snapshot] is the inventory at one moment. It never changes, and to take one costs nothing; an update set makes a new
// one that shares with the old one all but the shards (one in 256) of the objects that it changed.
//
// An [Object] is flat: a list of names and values, sorted by name, with names that a person can read.
//
//	runtime.powerState                             poweredOn
//	datastore                                      datastore-11, datastore-12      a set: sorted, whatever its order
//	config.hardware.device[2000]                   VirtualDisk                     an element of a list: its class, if it has one
//	config.hardware.device[2000].capacityInKB      16777216                        … told apart by its own key, not by its place
//	snapshot.rootSnapshotList[snapshot-7].name     before the upgrade              … and the whole tree of snapshots is one list
//	customValue[101]                               finance                         … the value of a custom attribute
//
// What an empty element says, and what an absent one does, is the same: there is no such property. What is asked for is
// in kinds.go; what of it is not kept, and what is kept but is no news when it changes, is in shape.go.
//
// A [State] is what was delivered of each object. Compare holds it against a snapshot and returns the [Delta] of each
// object that differs; With is the state once some of them were delivered, or a Part of one. So a change is told once, whether it was
// pushed, found by a new watcher, or happened while nobody looked; changes that cancel out before anybody was told are none. With a
// [Tracking] the user excludes properties. The state encodes itself to small parts for a checkpoint. In the next life it goes on with the
// tracking of that (Retracked), and lends the new cache what is not known any more (Recall).
//
// What vCenter does not push a [Poller] asks for, once in a while, of the objects of a snapshot: [Stats], typed, which never
// change, either. They are not part of the snapshots: nobody wants to hear of each change of them. It asks only for what is
// [Wanted], one question for each type of objects, over a view of everything, a struct as a whole. All questions are asked at the
// same time, and each fails for itself. What changes rarely is asked for rarely: alarms when an event tells of one (Notice),
// licences and certificates hourly.
//
// A [Context] answers what is known of an object, also for a while after it is gone.
package inventory

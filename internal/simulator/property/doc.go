// Package property is an inventory that can be large and changes, and the property collector that tells of it: what a
// RetrievePropertiesEx and a WaitForUpdatesEx of it cost depends on what is asked for and on what has changed, not on how
// much there is.
//
// An Inventory is a tree of managed objects of govmomi's types, with whole structs of the sizes that they have in a vCenter.
// A version of an object is never changed, a change makes another: what was read can be written to the wire while the next
// change is under way, and what a client was told is told apart from what is now by comparing two versions.
//
// A Collector is a property collector by the book:
//
//   - Each answer has a version. The answer is repeated for the version before it; any other is InvalidCollectorVersion.
//   - Several changes of a property between two answers are one, with the last value. A change that was taken back is none.
//   - An answer holds at most as many objects as the client wants, and never more than 1,000; then it is truncated, and the
//     next call brings what is left.
//   - A wait ends with its context, that is, with the client's connection and with its session.
//   - What a vCenter does not push is not pushed: quickStats, overallStatus, triggeredAlarmState … (see silent.go). It is told
//     when an object enters, or when a property around it is told, and it can be read at any time.
//
// A filter is over objects, and over the objects of container views. It cannot follow other traversals; reading can. Changes
// are told of whole properties, as the filter names them, even where it would take parts (partialUpdates).
//
// Beside the tree there are the definitions of alarms, licences, and the objects that know the certificates of hosts. An alarm that
// is triggered is told of the object and of all that is above it.
//
// Play plays what happens in a data centre: storms, migrations, failing hosts (see scripts.go). Each script tells of it in
// the event history too.
//
// Tagging is the part of the tagging REST API that reads.
package property

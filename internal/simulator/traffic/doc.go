// Package traffic makes events as a vCenter at work does: power operations, migrations, logins, alarms, host problems,
// snapshots, reconfigurations, with the entities of an inventory and the words of vCenter.
//
// A Producer is deterministic: the same seed and inventory make the same events in the same order; only their times and
// keys are given by whoever takes them. Nothing happens in the inventory: a VM that is told to be powered off twice was.
package traffic

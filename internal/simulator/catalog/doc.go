// Package catalog is what the simulated vCenter says of its event types: EventManager.description.
//
// It has a row for each event class that govmomi knows, and rows for the EventEx ids that are met most often, as a
// vCenter has them: all under the key "EventEx", told apart by the text before '|' in fullFormat. The categories of the
// classes are plausible, not VMware's: nobody outside of a vCenter has the whole list.
package catalog

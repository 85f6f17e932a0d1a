// Package event is one event of vCenter's history, its identity and its position.
//
// [Decode] reads a page of events without knowing their classes: what vCenter wrote of an event is kept, also of a class
// that is newer than this program. A page is read whole or not at all, and an event of it is never left out: one without
// a key or a time is an event all the same, with an identity of its own ([Event.Identity], [Event.UID]).
package event

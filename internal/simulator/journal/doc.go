// Package journal is a vCenter's event history: what happened, exactly as it was told.
//
// A Journal keeps events as they are given: key, chain, time and user are filled in only where they are zero, so that it
// can play late events, equal times, keys that wrap, restart or repeat, and events without a key, of a class of the
// future, or whose XML is not well-formed. Nothing is dropped until it is told to Prune, or how long to keep it; and even
// then the Facts stay.
//
// A Cursor reads it as an EventHistoryCollector does: filtered on the server, in pages, in either direction. Which order
// a vCenter's collectors have is not documented, so there are two. By Insertion, a late event is at the end. By Creation,
// it stands where its time puts it (its key decides between equal times), and a cursor that is past that place does not
// see it any more. Events may be hidden from the account, and cursors may be made to stall. ByKey reads without a cursor,
// as vCenter 9 does.
//
// The journal knows neither network nor session; its clock and its inventory are given to it. All methods of Journal
// and Cursor are safe for concurrent use.
package journal

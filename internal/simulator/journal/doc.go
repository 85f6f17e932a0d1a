// Package journal is a vCenter's event history: what happened, exactly as it was told.
//
// A Journal keeps events as they are given: key, chain, time and user are filled in only where they are zero, so that it
// can play late events, equal times, keys that wrap, restart or repeat. Nothing is dropped until it is told to Prune.
//
// A Cursor reads it as an EventHistoryCollector does: filtered on the server, in pages, in either direction. Which order
// a vCenter's collectors have is not documented, so there are two. By Insertion, a late event is at the end. By Creation,
// it stands where its time puts it (its key decides between equal times), and a cursor that is past that place does not
// see it any more.
//
// The journal knows neither network nor session; its clock and its inventory are given to it. All methods of Journal
// and Cursor are safe for concurrent use.
package journal

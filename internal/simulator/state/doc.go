// Package state keeps a journal in a file, so that a simulated vCenter can be started again with its memory.
//
// The file holds JSON, one value a line: first the vCenter's instanceUuid, then the events in the order in which they were
// appended, each with its class and its XML. Events are added at the end as they come; a line that a kill cut short is
// left out when the file is read.
package state

// Package tagging knows which tags the objects of an inventory have.
//
// Tags are not pushed: vCenter tells them by its REST API alone, in a session of its own. A Tagger reads them in the background,
// and hands out what it knows as a value, Tags, that never changes. Whoever asks for it waits for nothing, neither for vCenter
// nor for a lock.
//
//	everything is read again   at intervals, and soon after an event that Notice takes for one of tags
//	only new objects are read  when they have appeared among those that are wanted
//	the names are read again   after an event of a tag or category, and every hour: an ID keeps its name otherwise
//
// One request asks for the tags of 2,000 objects, and one for each name that is not known. Objects that vCenter refuses to tell
// of, for they are gone or hidden, are found by halving what was asked, and left alone for an hour.
//
// What goes wrong is told once until tags are read again, counted, and tried again ever more rarely; the last known tags stay,
// with the time when they were read. A session that has ended costs one login, and a login that fails ends the reading, for each
// sends the password. One that was refused is not repeated until package vsphere allows it, and an API that is not there is
// looked for once an hour. Trouble says what is wrong, and Absent whether vCenter has denied for so long to have that API that
// there is none. Objects that are gone keep their last tags while there is room for them.
package tagging

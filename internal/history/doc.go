// Package history is a cursor over a vim.HistoryCollector, of events or of tasks.
//
// A Cursor reads pages from where its collector began up to the tail (the door), and waits there until the
// collector's latestPage changes (the doorbell) or a poll is due. The doorbell only says that it is worth
// reading: latestPage holds one item, and a burst of thousands rings once.
//
// vCenter moves a collector's position also when its answer is lost on the way. So a read that failed is not
// read on: the cursor is broken from then on, and its owner opens another at an earlier time.
package history

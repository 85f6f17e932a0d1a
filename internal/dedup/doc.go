// Package dedup remembers which keys were delivered, in as few bytes as possible, and answers whether one was.
//
// A Window is pure: it does no I/O, reads no clock and holds no lock; one goroutine owns it. It errs on one side only.
// A key that was marked, and was neither pruned nor given up over the limit, is always found. A key that was never marked is
// taken for a marked one only if the same ID was marked within three seconds of it (of creation time), and something was
// created within one.
//
// Keys are kept in chunks of one minute of creation time, so that forgetting, giving up and storing go by whole chunks and a
// chunk that nobody marked keeps its encoded bytes. Inside a chunk IDs that follow each other make runs:
//
//	chunk 10:41   layer 0   [4711 … 5230 | 10:41:00.013 – 10:41:01.920]  [5232 | 10:41:02.002]
//	              layer 1   [4711 … 4713 | 10:41:40.100 – 10:41:40.166]
//
// A layer is a list of runs that share no ID. There is a second one only where an ID came back within the minute at another
// time: a database that was restored counts from an older key on, and its events are new ones.
package dedup

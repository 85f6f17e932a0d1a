// Package exporterhelper is not the collector's package of that name: it is its sender chain turned round, from a receiver to the next consumer.
//
// A batch goes down a chain of links, each of which owns one kind of trouble:
//
//	Send → retry → observe → Consume*
//	         ↑ waits     │ each try is an operation of its own
//	         └── refused ┘
//
// Send returns once the batch is settled, with the proof of it, or once its context has ended; never while a Consume* call runs.
// A position may be stored only with such a proof, so it cannot move past data that nobody took.
//
// Every try gets a payload built anew. A consumer owns what it is given and may change it in place before something after it
// refuses; a processor that hashes a name must not be given its own hash.
package exporterhelper

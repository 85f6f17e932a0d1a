// Package exporterhelper is not the collector's package of that name: it is its sender chain turned round, from a receiver to the next consumer.
//
// A batch goes down a chain of links, each of which owns one kind of trouble:
//
//	Send → settle → try → bisect → observe → Consume*
//	         ↑ waits, or asks     │ each request is an operation of its own
//	         │ for a witness      │
//	         └── refused ─────────┘
//
// A refusal is judged by what happens, for its class cannot be relied on: a back end calls a wrong token permanent, and what it
// says of a request that is too large is what it says while its disk is full. What may pass by itself is sent again as a whole, or, in the middle of a search, once as it was.
// What is refused for good is halved: where others are accepted and a record is still refused alone, that record is to blame,
// and goes into a dead letter. Where nothing is accepted it is the pipeline that refuses, and the batch is held until it is
// mended. What was accepted once is not sent again.
//
// Send returns once the batch is settled, with the proof of it and the letters in it, or once its context has ended; never while
// a Consume* call runs. A position may be stored only with such a proof, so it cannot move past data that nobody took.
//
// Every request gets a payload built anew. A consumer owns what it is given and may change it in place before something after it
// refuses; a processor that hashes a name must not be given its own hash.
package exporterhelper

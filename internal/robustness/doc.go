// Package robustness judges what was recorded while a receiver ran and accidents happened to it: first run traffic, inject
// faults and record, then judge.
//
// A Run is the record: what vCenter had, what the back end got, how the processes lived, what lived in vCenter. It tells
// what was seen from outside, and knows nothing of the receiver's insides. It is kept as JSON lines, so that a run that was
// condemned can be read, and judged again by another validator.
//
// A Validator is one promise as a function over a Run: nil where it was kept, otherwise an error that names what broke it.
// Judge asks all of them. Each is tested by a run that breaks it.
//
// It serves tests: those of the receiver, and those of the built programs. Nothing in the receiver imports it.
package robustness

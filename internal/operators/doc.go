// Package operators passes log records through the stanza operators of a user, with nothing lost on the way.
//
// Stanza was made for lines of text that an input reads, and its pipeline swallows errors: a batch that the consumer
// refuses, a line that an operator fails on. So only its operators are used here, between a head and an end of our own:
//
//	record → entry → head → operator → … → operator → end
//	record ← entry ←──────────────────────────────────┘
//
// Each record passes on its own and is written back in its place, so what becomes of it depends on nothing but itself: the
// same bytes for every try, and in any half of a batch. What was delivered is known by the caller, who sends the batch.
//
// A record leaves the chain only by a filter that says so. An operator that fails on a record, by an error or a panic, is
// passed over, and the record goes on to the next. Operators that would collect, double or keep records, or that depend on
// the clock or on chance, are refused by name before anything starts.
package operators

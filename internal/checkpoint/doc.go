// Package checkpoint keeps the position of each stream on the collector's storage extension. It does not know what a position
// means: a Codec turns it into bytes and back.
//
// A position is moved by Commit alone, and Commit takes nothing but the proof that a batch is settled. The one write without a
// proof is the record that Open makes where there is none, so that the point from which a stream counts outlives a kill.
//
// A record is a head and parts under keys of their own. One storage Batch writes the head and only the parts that changed:
//
//	v1/events/<id>                     head: versions, the codec's head, name and checksum of each part, checksum of all this
//	v1/events/<id>/part/<name>         a part, as the codec gave it
//	v1/bad/v1/events/<id>/<n>          what could not be read, newest first: the head as it was found, then its parts
//	v1/dead/v1/events/<id>             dead letters: which there are, and which are told
//	v1/dead/v1/events/<id>/letter/<n>  one of them, in a slot of a ring of 1,000 and of 4 MiB: the oldest give way
//
// A proof brings the letters of its batch with it. They are written in the same Batch as the position, or a kill between the two
// would lose what they hold.
//
// No record, a record that cannot be read and a storage that cannot be read are three different things: the first is a cold
// start, the second is kept aside and is a cold start that says why, the third is an error, which the caller outlasts.
package checkpoint

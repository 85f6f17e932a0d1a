package event

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// UID is the event's identity in the world: "<instanceUuid>:<key>:<created in unix ms>". It is the same after any
// restart and from any replica. Without a key or a time of its own it is "<instanceUuid>:0:<hash>": the time that was
// lent to the event depends on where a page begins.
func (e *Event) UID(instanceUUID string) string {
	uid := make([]byte, 0, len(instanceUUID)+32)
	uid = append(append(uid, instanceUUID...), ':')
	if !e.identified() {
		uid = append(uid, "0:"...)
		return string(strconv.AppendUint(uid, e.Hash, 16))
	}
	uid = append(strconv.AppendInt(uid, int64(e.Key), 10), ':')
	return string(strconv.AppendInt(uid, e.Created.UnixMilli(), 10))
}

// Identity is the event's identity in one vCenter, by which a second reading of it is known.
func (e *Event) Identity() dedup.Key {
	if e.identified() {
		return dedup.Key{ID: int64(e.Key), Created: e.Created}
	}
	return dedup.Key{ID: beyondKeys(e.Hash), Created: e.Created}
}

func (e *Event) identified() bool { return e.Keyed && e.Timed }

// beyondKeys makes a positive number of a hash that no int32 key is.
func beyondKeys(hash uint64) int64 {
	return int64(hash&math.MaxInt64 | 1<<62)
}

// fingerprint returns a hash and the size of what vCenter wrote of an event. Both are taken from the elements, not from
// the bytes, so that they are the same in a page, in latestPage, and behind a middle box that prints XML its own way.
func fingerprint(class string, fields soapxml.Elements) (hash uint64, size int) {
	hash = mix(0, ofClass, class)
	size = len(`<returnval type=""></returnval>`) + len(class)
	for i := range fields {
		f := &fields[i]
		hash = mix(hash, uint64(f.Span), f.Name)
		size += len("<></>") + 2*len(f.Name) + len(f.Text)
		if f.Text != "" {
			hash = mix(hash, ofText, f.Text)
		}
		if f.Type != "" {
			hash = mix(hash, ofType, f.Type)
			size += len(` type=""`) + len(f.Type)
		}
		if f.Ref != "" {
			hash = mix(hash, ofRef, f.Ref)
			size += len(` type=""`) + len(f.Ref)
		}
	}
	return hash, size
}

// What a part of a fingerprint is; a name goes in with its Span, which is far below.
const (
	ofClass = (iota + 1) << 32
	ofText
	ofType
	ofRef
)

// mix adds a part to a hash; the order of the parts counts. The factor is 2^64 over the golden ratio, made odd.
func mix(hash, part uint64, text string) uint64 {
	return bits.RotateLeft64(hash^(xxhash.Sum64String(text)+part), 29) * 0x9E3779B97F4A7C15
}

package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// The head of a record, version 1; all numbers but the checksums are uvarints:
//
//	"ckpt" 1 | codec's version | length, head | number of parts, part … | checksum of everything before
//	part = length, name | length of the part | checksum of the part
//
// A version of the envelope stays readable for ever: a new one gets a number and a decoder of its own, and a file in testdata.
const (
	magic           = "ckpt"
	envelopeVersion = 1
	sumSize         = 8
)

var (
	errTruncated = errors.New("record is cut short")
	errMagic     = errors.New("not a record")
	errChecksum  = errors.New("checksum does not match")
	errMalformed = errors.New("record is malformed")
)

// sum is what the head says of a part.
type sum struct {
	size uint64
	hash uint64 // xxhash64
}

func sumOf(b []byte) sum { return sum{size: uint64(len(b)), hash: xxhash.Sum64(b)} }

// envelope is the head of a record as it lies in storage: the codec's head, and which parts belong to it.
type envelope struct {
	version byte
	head    []byte
	parts   map[string]sum
}

// encode gives the same bytes for the same record.
func (e envelope) encode() []byte {
	b := make([]byte, 0, len(magic)+len(e.head)+32*len(e.parts)+32)
	b = append(b, magic...)
	b = append(b, envelopeVersion, e.version)
	b = appendBytes(b, e.head)
	b = binary.AppendUvarint(b, uint64(len(e.parts)))
	for _, name := range slices.Sorted(maps.Keys(e.parts)) {
		b = appendBytes(b, []byte(name))
		b = binary.AppendUvarint(b, e.parts[name].size)
		b = binary.LittleEndian.AppendUint64(b, e.parts[name].hash)
	}
	return binary.LittleEndian.AppendUint64(b, xxhash.Sum64(b))
}

func appendBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// decodeEnvelope reads a head of any version. The checksum is looked at first: what a disk made of a record is not parsed.
func decodeEnvelope(b []byte) (envelope, error) {
	if len(b) < len(magic)+1+sumSize {
		return envelope{}, errTruncated
	}
	if !bytes.HasPrefix(b, []byte(magic)) {
		return envelope{}, errMagic
	}
	content, tail := b[:len(b)-sumSize], b[len(b)-sumSize:]
	if xxhash.Sum64(content) != binary.LittleEndian.Uint64(tail) {
		return envelope{}, errChecksum
	}
	version, content := content[len(magic)], content[len(magic)+1:]
	if version != envelopeVersion {
		return envelope{}, fmt.Errorf("record has version %d, the newest known is %d", version, envelopeVersion)
	}
	return decodeEnvelope1(content)
}

// decodeEnvelope1 reads what is between the version of the envelope and the checksum.
func decodeEnvelope1(b []byte) (envelope, error) {
	r := reader{rest: b}
	e := envelope{version: r.byte(), head: r.bytes(), parts: map[string]sum{}}
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		e.parts[string(r.bytes())] = sum{size: r.uvarint(), hash: r.uint64()}
	}
	if r.bad || len(r.rest) > 0 {
		return envelope{}, errMalformed
	}
	return e, nil
}

// reader reads a record. Past its end it is bad, and gives zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad = true
	}
	r.take(uint64(max(n, 0)))
	return v
}

func (r *reader) bytes() []byte { return r.take(r.uvarint()) }

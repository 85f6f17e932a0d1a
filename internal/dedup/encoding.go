package dedup

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// An encoded chunk is its layers, one after the other to the end of the bytes:
//
//	layer = uvarint number of runs, run …
//	run   = first (varint; then uvarint of the distance from the last ID of the run before)
//	        uvarint count - 1
//	        varint  oldest, less the oldest of the run before (of the minute's begin for the first)
//	        uvarint newest - oldest
//
// Sparse keys are four to six bytes each. There is one encoding of a chunk: bytes that decode are the bytes that it encodes to,
// so that an unchanged chunk need not be written again after a restart.

var errMalformed = errors.New("malformed runs")

// bytes encodes the chunk, or gives the encoding that still holds.
func (c *chunk) bytes() []byte {
	if c.encoded == nil {
		for _, l := range c.layers {
			c.encoded = l.append(c.encoded)
		}
	}
	return c.encoded
}

func (l layer) append(b []byte) []byte {
	b = slices.Grow(b, 6*len(l))
	b = binary.AppendUvarint(b, uint64(len(l)))
	var before run
	for i, r := range l {
		if i == 0 {
			b = binary.AppendVarint(b, r.first)
		} else {
			b = binary.AppendUvarint(b, uint64(r.first)-uint64(before.last()))
		}
		b = binary.AppendUvarint(b, uint64(r.count-1))
		b = binary.AppendVarint(b, int64(r.oldest)-int64(before.oldest))
		b = binary.AppendUvarint(b, uint64(r.newest-r.oldest))
		before = r
	}
	return b
}

// DecodeWindow makes a window of encoded chunks by minute. Bytes that Chunks did not give are an error. Chunks over the limit
// are given up as in Mark.
func DecodeWindow(limit int, chunks map[int64][]byte) (*Window, error) {
	w := NewWindow(limit)
	for _, minute := range slices.Sorted(maps.Keys(chunks)) {
		c, err := decodeChunk(minute, chunks[minute])
		if err != nil {
			return nil, fmt.Errorf("decode chunk of minute %d: %w", minute, err)
		}
		w.chunks = append(w.chunks, c)
		w.keys += c.keys
	}
	w.giveUp()
	return w, nil
}

func decodeChunk(minute int64, encoded []byte) (*chunk, error) {
	if minute < math.MinInt64/minuteMillis || minute > math.MaxInt64/minuteMillis-1 {
		return nil, errors.New("no such minute")
	}
	c := &chunk{minute: minute, encoded: bytes.Clone(encoded)}
	d := decoder{rest: encoded}
	for len(d.rest) > 0 && !d.bad {
		c.layers = append(c.layers, d.layer())
		d.check(len(c.layers) <= maxLayers)
	}
	if d.bad || len(c.layers) == 0 {
		return nil, errMalformed
	}
	for _, l := range c.layers {
		for _, r := range l {
			c.keys += int64(r.count)
		}
	}
	return c, nil
}

// decoder reads the bytes of a chunk. After the first thing that is wrong it is bad, and gives zeros.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) check(ok bool) { d.bad = d.bad || !ok }

// minRun is the least length of an encoded run; it keeps a made-up number of runs from making us reserve room for them.
const minRun = 4

func (d *decoder) layer() layer {
	n := d.uvarint()
	d.check(n > 0 && n <= uint64(len(d.rest)/minRun))
	if d.bad {
		return nil
	}
	l := make(layer, 0, n)
	for i := uint64(0); i < n && !d.bad; i++ {
		l = append(l, d.run(l))
	}
	return l
}

// run reads the run that follows the ones before it in its layer.
func (d *decoder) run(before layer) run {
	var r run
	var origin int64
	if len(before) == 0 {
		r.first = d.varint()
	} else {
		b := before[len(before)-1]
		origin = int64(b.oldest)
		r.first = d.after(b.last())
	}
	more := d.uvarint()
	d.check(more < math.MaxUint32 && more <= uint64(math.MaxInt64)-uint64(r.first))
	r.count = uint32(more) + 1
	oldest, length := d.varint(), d.uvarint()
	d.check(oldest >= -minuteMillis && oldest < minuteMillis && length < minuteMillis)
	oldest += origin
	d.check(oldest >= 0 && oldest+int64(length) < minuteMillis)
	r.oldest, r.newest = uint16(oldest), uint16(oldest+int64(length))
	return r
}

// after reads the ID at a distance from the last one of the run before.
func (d *decoder) after(last int64) int64 {
	distance := d.uvarint()
	d.check(distance > 0 && distance <= uint64(math.MaxInt64)-uint64(last))
	return int64(uint64(last) + distance)
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	d.advance(n)
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	d.advance(n)
	return v
}

// advance passes a number of n bytes. One that ends in a zero byte could be written shorter.
func (d *decoder) advance(n int) {
	d.check(n == 1 || n > 1 && d.rest[n-1] != 0)
	if d.bad {
		d.rest = nil
		return
	}
	d.rest = d.rest[n:]
}

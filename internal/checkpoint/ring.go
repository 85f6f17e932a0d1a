package checkpoint

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/extension/xextension/storage"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
)

const (
	ringSlots = 1000    // letters of one stream
	ringBytes = 4 << 20 // of all of them

	// maxLetter is the largest record that a letter keeps; of a larger one it keeps the uid and the reason.
	maxLetter = 1 << 20
	// maxReason is how much of a reason is kept. Some back ends repeat the whole request in it.
	maxReason = 4 << 10

	ringVersion = 1

	// maxNumber is no letter's number: whoever says so did not count letters, and the next number might be none.
	maxNumber = 1 << 62
)

// ring is the dead letters of one stream, the oldest of which give way. Letter n lies in slot n modulo ringSlots, so that there
// are never more keys than slots, whatever becomes of the head. It is a value: a Batch that failed leaves the old one.
type ring struct {
	Next    uint64    `json:"next"`          // number of the next letter
	Oldest  uint64    `json:"oldest"`        // number of the oldest that is kept; Next: there is none
	Told    uint64    `json:"told"`          // number of the first that is not told yet
	Date    time.Time `json:"date,omitzero"` // with which those are told that are not
	Dropped int       `json:"dropped"`       // letters that gave way, so far
	Sizes   []uint32  `json:"sizes"`         // by slot, as far as any was used
}

func deadKey(key string) string { return "v1/dead/" + key }

// slotKey is no deadKey: a record may be called after a number.
func slotKey(key string, n uint64) string {
	return fmt.Sprintf("%s/letter/%d", deadKey(key), n%ringSlots)
}

// add gives the ring with more letters, and the operations that make it so.
func (r ring) add(key string, letters []sender.Letter) (ring, []*storage.Operation) {
	var ops []*storage.Operation
	r.Sizes = slices.Clone(r.Sizes)
	for _, letter := range letters {
		value := encodeLetter(r.Next, letter)
		for r.Next-r.Oldest == ringSlots || r.Next > r.Oldest && r.bytes()+len(value) > ringBytes {
			ops = append(ops, storage.DeleteOperation(slotKey(key, r.Oldest)))
			r.size(r.Oldest, 0)
			r.Oldest++
			r.Dropped++
		}
		ops = append(ops, storage.SetOperation(slotKey(key, r.Next), value))
		r.size(r.Next, len(value))
		r.Next++
	}
	r.Told = max(r.Told, r.Oldest)
	return r, append(ops, r.operation(key))
}

func (r *ring) size(n uint64, size int) {
	slot := int(n % ringSlots)
	for len(r.Sizes) <= slot {
		r.Sizes = append(r.Sizes, 0)
	}
	r.Sizes[slot] = uint32(size)
}

func (r ring) bytes() (sum int) {
	for _, size := range r.Sizes {
		sum += int(size)
	}
	return sum
}

// operation writes the head.
func (r ring) operation(key string) *storage.Operation {
	head, _ := json.Marshal(r) // numbers only
	return storage.SetOperation(deadKey(key), envelope{version: ringVersion, head: head}.encode())
}

// openRing reads the head. Where it is damaged, the letters say what it was.
func openRing(ctx context.Context, client storage.Client, key string) (ring, error) {
	raw, err := client.Get(ctx, deadKey(key))
	if err != nil || raw == nil {
		return ring{}, err
	}
	r, err := decodeRing(raw)
	if err == nil {
		return r, nil
	}
	letters, err := readSlots(ctx, client, key, 0, ringSlots)
	return restore(letters), err
}

func decodeRing(raw []byte) (r ring, err error) {
	e, err := decodeEnvelope(raw)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(e.head, &r); err != nil {
		return ring{}, err
	}
	if e.version != ringVersion || r.Next > maxNumber || r.Oldest > r.Next || r.Next-r.Oldest > ringSlots || r.Told > r.Next || len(r.Sizes) > ringSlots {
		return ring{}, errMalformed
	}
	return r, nil
}

// restore makes the head that belongs to some letters. All count as told: nobody knows, and each was told in the log.
func restore(letters []storedLetter) (r ring) {
	for _, l := range letters {
		if r.Next == 0 || l.Number < r.Oldest {
			r.Oldest = l.Number
		}
		r.Next = max(r.Next, l.Number+1)
	}
	if r.Next-r.Oldest > ringSlots {
		r.Oldest = r.Next - ringSlots
	}
	for _, l := range letters {
		r.size(l.Number, l.size)
	}
	r.Told = r.Next
	return r
}

// storedLetter is a letter as it lies in its slot: this as the codec's head, and the record after it.
type storedLetter struct {
	Number uint64    `json:"number"`
	UID    string    `json:"uid"`
	Reason string    `json:"reason"`
	Time   time.Time `json:"time"`

	record []byte
	size   int
}

func encodeLetter(n uint64, l sender.Letter) []byte {
	if len(l.Reason) > maxReason {
		l.Reason = l.Reason[:maxReason]
	}
	if len(l.Record) > maxLetter {
		l.Record = nil
	}
	head, _ := json.Marshal(storedLetter{Number: n, UID: l.UID, Reason: l.Reason, Time: l.Time.UTC()}) // nothing that JSON has not
	return envelope{version: ringVersion, head: append(appendBytes(nil, head), l.Record...)}.encode()
}

func decodeLetter(value []byte) (l storedLetter, err error) {
	e, err := decodeEnvelope(value)
	if err != nil {
		return l, err
	}
	r := reader{rest: e.head}
	head := r.bytes()
	if r.bad || e.version != ringVersion {
		return l, errMalformed
	}
	if err := json.Unmarshal(head, &l); err != nil {
		return l, err
	}
	if l.Number >= maxNumber {
		return l, errMalformed
	}
	l.record, l.size = r.rest, len(value)
	return l, nil
}

// readLetters reads the letters from one number to before another, as far as they are whole.
func readLetters(ctx context.Context, client storage.Client, key string, from, to uint64) ([]storedLetter, error) {
	letters, err := readSlots(ctx, client, key, from, to)
	return slices.DeleteFunc(letters, func(l storedLetter) bool { return l.Number < from || l.Number >= to }), err
}

// readSlots reads whatever letters lie where those from one number to before another do.
func readSlots(ctx context.Context, client storage.Client, key string, from, to uint64) (letters []storedLetter, err error) {
	gets := make([]*storage.Operation, 0, to-from)
	for n := from; n < to; n++ {
		gets = append(gets, storage.GetOperation(slotKey(key, n)))
	}
	if len(gets) == 0 {
		return nil, nil
	}
	if err := client.Batch(ctx, gets...); err != nil {
		return nil, err
	}
	for _, get := range gets {
		if l, err := decodeLetter(get.Value); err == nil {
			letters = append(letters, l)
		}
	}
	return letters, nil
}

package inventory

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
)

// A state, version 2: the head is JSON, and each shard that has objects is a part, named by its number in two hex digits. All numbers
// of a part are uvarints:
//
//	number of texts, text … | number of objects, object …
//	text   = length, bytes
//	object = moref, type, number of properties, (name, value) …   each the number of a text
//
// Texts stand in the order of their first use, objects by moref, properties by name; only what is tracked is there.
//
// In version 1 the head was only good to tell whether the tracking is the same.
const stateVersion = 2

// head is what is stored of a state besides its objects.
type head struct {
	Tracking int      `json:"tracking"`          // the version of it; 0: not known
	Exclude  []string `json:"exclude,omitempty"` // by it
	Untold   *Summary `json:"untold,omitempty"`
}

// Codec makes records of states. What is decoded goes on with this tracking.
func (t *Tracking) Codec() checkpoint.Codec[*State] {
	return checkpoint.Codec[*State]{Encode: encodeState, Decode: t.decodeState}
}

func encodeState(s *State) (checkpoint.Record, error) {
	tracking := cmp.Or(s.former, s.tracking)
	text, err := json.Marshal(head{Tracking: tracking.version, Exclude: tracking.exclude, Untold: s.untold})
	if err != nil {
		return checkpoint.Record{}, fmt.Errorf("write the head: %w", err)
	}
	r := checkpoint.Record{Version: stateVersion, Head: text, Parts: map[string][]byte{}}
	for i, part := range s.encoded {
		if part != nil {
			r.Parts[partName(i)] = part
		}
	}
	return r, nil
}

func partName(shard int) string { return fmt.Sprintf("%02x", shard) }

// encode encodes those of the shards that changed, nil: all.
func (s *State) encode(changed *[shardCount]bool) {
	for i, part := range s.shards {
		switch {
		case changed != nil && !changed[i]:
		case len(part.all()) == 0:
			s.encoded[i] = nil
		default:
			s.encoded[i] = encodeShard(part, s.tracking)
		}
	}
}

// shardWriter writes a shard behind the texts that it uses.
type shardWriter struct {
	numbers map[string]uint64
	texts   []byte
	body    []byte
}

func encodeShard(part *shard, t *Tracking) []byte {
	w := shardWriter{numbers: map[string]uint64{}}
	w.body = binary.AppendUvarint(nil, uint64(len(part.objects)))
	for _, moref := range sortedMorefs(part) {
		o := part.objects[moref]
		n := uint64(0)
		for range t.tracked(o) {
			n++
		}
		w.text(o.Moref)
		w.text(o.Type)
		w.body = binary.AppendUvarint(w.body, n)
		for name, value := range t.tracked(o) {
			w.text(name)
			w.text(value)
		}
	}
	out := binary.AppendUvarint(make([]byte, 0, len(w.texts)+len(w.body)+binary.MaxVarintLen64), uint64(len(w.numbers)))
	return append(append(out, w.texts...), w.body...)
}

func sortedMorefs(part *shard) []string {
	morefs := make([]string, 0, len(part.objects))
	for moref := range part.objects {
		morefs = append(morefs, moref)
	}
	slices.Sort(morefs)
	return morefs
}

func (w *shardWriter) text(text string) {
	n, known := w.numbers[text]
	if !known {
		n = uint64(len(w.numbers))
		w.numbers[text] = n
		w.texts = append(binary.AppendUvarint(w.texts, uint64(len(text))), text...)
	}
	w.body = binary.AppendUvarint(w.body, n)
}

var (
	errMalformed = errors.New("the state of the inventory is malformed")
	errForeign   = errors.New("the state of the inventory has a part that is none of it")
)

func (t *Tracking) decodeState(r checkpoint.Record) (*State, error) {
	s, err := t.decodeHead(r)
	if err != nil {
		return nil, err
	}
	texts, names, found := newInterner(maxNames), newLayouts(), 0
	for i := range s.shards {
		part, ok := r.Parts[partName(i)]
		if !ok {
			continue
		}
		objects, err := decodeShard(part, i, texts, names)
		if err != nil {
			return nil, fmt.Errorf("read part %s: %w", partName(i), err)
		}
		s.shards[i], s.encoded[i] = objects, part
		found++
	}
	if found < len(r.Parts) {
		return nil, errForeign
	}
	return s, nil
}

func (t *Tracking) decodeHead(r checkpoint.Record) (*State, error) {
	var h head
	switch r.Version {
	case stateVersion:
		if err := json.Unmarshal(r.Head, &h); err != nil {
			return nil, fmt.Errorf("read the head: %w", err)
		}
	case 1:
	default:
		return nil, fmt.Errorf("the state of the inventory has version %d, the newest known is %d", r.Version, stateVersion)
	}
	s := &State{tracking: t, untold: h.Untold}
	if former := (&Tracking{version: h.Tracking, exclude: h.Exclude}); !former.equal(t) {
		s.former = former
	}
	return s, nil
}

func decodeShard(part []byte, number int, texts *interner, names *layouts) (*shard, error) {
	r := shardReader{rest: part, interner: texts, layouts: names}
	r.readTexts()
	objects := map[string]*Object{}
	last := ""
	for n := r.number(); n > 0 && !r.bad; n-- {
		o := r.object()
		if o.Moref <= last || shardOf(o.Moref) != number {
			return nil, errMalformed
		}
		last = o.Moref
		objects[o.Moref] = o
	}
	if r.bad || len(r.rest) > 0 || len(objects) == 0 {
		return nil, errMalformed
	}
	return &shard{objects}, nil
}

// shardReader reads a shard. Past its end, and past what can be, it is bad and gives zeros.
type shardReader struct {
	interner *interner
	layouts  *layouts
	texts    []string
	rest     []byte
	bad      bool
}

func (r *shardReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || size > 1 && r.rest[size-1] == 0 { // an encoder writes no needless zero
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *shardReader) readTexts() {
	for n := r.number(); n > 0 && !r.bad; n-- {
		length := r.number()
		if length > uint64(len(r.rest)) {
			r.bad = true
			return
		}
		r.texts = append(r.texts, r.interner.bytes(r.rest[:length]))
		r.rest = r.rest[length:]
	}
}

func (r *shardReader) text() string {
	n := r.number()
	if r.bad || n >= uint64(len(r.texts)) {
		r.bad = true
		return ""
	}
	return r.texts[n]
}

func (r *shardReader) object() *Object {
	moref, class := r.text(), r.text()
	var properties []Property
	last := ""
	for n := r.number(); n > 0 && !r.bad; n-- {
		p := Property{Name: r.text(), Value: r.text()}
		r.bad = r.bad || p.Value == "" || p.Name <= last
		properties, last = append(properties, p), p.Name
	}
	return newObject(class, moref, properties, r.layouts)
}

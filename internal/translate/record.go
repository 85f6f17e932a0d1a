package translate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// builder makes the records of one batch, one after the other.
type builder struct {
	src     Source
	catalog *event.Catalog
	names   dictionary
	json    document // memory for JSON that is being written

	subject    subject     // of the record that is being built, as are the fields below
	attributes []attribute // the fixed ones first
	room       int         // bytes that the record may still grow by
	dropped    int
}

// build makes the record of an event: its fixed attributes first, which always find room, then its body, then as many of
// its own fields as there is room for.
func (b *builder) build(e *event.Event, record plog.LogRecord) {
	b.subject.read(e)
	b.attributes, b.room, b.dropped = b.attributes[:0], maxRecord-recordFraming, 0

	typeID := e.TypeID()
	category := b.catalog.CategoryOf(e)
	b.fixed(e, typeID, category)
	b.reserve(attribute{name: attrDropped})

	created := timestamp(e.Created)
	record.SetTimestamp(created)
	record.SetObservedTimestamp(created) // both, or Loki would keep a record that is delivered again
	number, word := severityOf(e.Class, category, b.subject.status)
	record.SetSeverityNumber(number)
	record.SetSeverityText(word)
	record.SetEventName(b.cut(eventName(e, typeID), maxValue))
	b.room -= len(record.EventName())
	body := b.cut(b.body(e, typeID), b.room)
	b.room -= len(body)
	record.Body().SetStr(body)

	b.data(e)
	b.finish(record)
}

// timestamp is a time as OTLP has it: 0 where an event has none.
func timestamp(t time.Time) pcommon.Timestamp {
	return pcommon.Timestamp(max(0, t.UnixNano()))
}

// eventName is vim.event.<Class>; the ID of an EventEx or ExtendedEvent is a name already.
func eventName(e *event.Event, typeID string) string {
	if typeID == e.Class {
		return "vim.event." + typeID
	}
	return typeID
}

func (b *builder) body(e *event.Event, typeID string) string {
	switch {
	case e.Message != "":
		return e.Message
	case b.subject.message != "":
		return b.subject.message
	}
	return typeID
}

// fixed adds the fixed attributes, in the order of RecordAttributes.
func (b *builder) fixed(e *event.Event, typeID, category string) {
	s := &b.subject
	b.text(attrType, typeID)
	if e.Keyed {
		b.attributes = append(b.attributes, attribute{attrKey, intValue(int64(e.Key))})
	}
	if s.chained {
		b.attributes = append(b.attributes, attribute{attrChainID, intValue(int64(e.ChainID))})
	}
	b.text(attrCategory, category)
	b.text(attrUID, e.UID(b.src.InstanceUUID))
	b.text(attrUserName, e.UserName)
	b.text(attrClient, s.address)
	b.text(attrUserAgent, s.agent)
	b.text(attrObjectType, s.object.typ)
	b.text(attrObjectName, s.object.name)
	b.text(attrObjectMoref, s.object.moref)
	for k := range kinds {
		b.text(kinds[k].name, s.entities[k].name)
		b.text(kinds[k].moref, s.entities[k].moref)
	}
	b.text(attrUnreadable, e.Unreadable)
	b.shorten()
}

func (b *builder) text(name, text string) {
	if text != "" {
		b.attributes = append(b.attributes, attribute{name, textValue(text)})
	}
}

// shorten cuts the fixed attributes until they leave half of the record to the rest.
func (b *builder) shorten() {
	limit := maxValue
	for b.sizeAt(limit) > maxFixed {
		limit /= 2
	}
	for i := range b.attributes {
		a := &b.attributes[i]
		a.value.text = b.cut(a.value.text, limit)
		b.reserve(*a)
	}
}

func (b *builder) sizeAt(limit int) (size int) {
	for i := range b.attributes {
		a := &b.attributes[i]
		size += len(a.name) + attributeFraming + min(len(a.value.text), limit)
	}
	return size
}

func (b *builder) reserve(a attribute) { b.room -= a.size() }

// cut counts what it cuts.
func (b *builder) cut(text string, limit int) string {
	text, short := cut(text, limit)
	if short {
		b.dropped++
	}
	return text
}

// finish writes the attributes. Of two with one name, as arguments of an EventEx can have it, the first stays.
func (b *builder) finish(record plog.LogRecord) {
	attributes := record.Attributes()
	attributes.EnsureCapacity(len(b.attributes) + 1)
	for i := range b.attributes {
		a := &b.attributes[i]
		if to, taken := attributes.GetOrPutEmpty(a.name); taken {
			b.dropped++
		} else {
			a.value.copyTo(to)
		}
	}
	if b.dropped > 0 {
		record.SetDroppedAttributesCount(uint32(b.dropped))
		attributes.PutInt(attrDropped, int64(b.dropped))
	}
}

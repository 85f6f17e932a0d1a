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
	lore    lore
	json    document // memory for JSON that is being written

	subject    subject     // of the record that is being built, as are the fields below
	attributes []attribute // the fixed ones first
	room       int         // bytes that the record may still grow by
	dropped    int
	bare       bool // nothing is known of the object that it names
}

// build makes the record of an event: its fixed attributes first, which always find room, then its body, then as many of
// its own fields as there is room for, then what is known beside it.
func (b *builder) build(e *event.Event, record plog.LogRecord) {
	b.begin()
	b.subject.read(e)
	typeID := e.TypeID()
	category := b.catalog.CategoryOf(e)
	b.fixed(e, typeID, category)
	b.reserve(attribute{name: attrDropped})
	b.head(record, e.Created, eventName(e, typeID), b.body(e, typeID))
	number, word := severityOf(e.Class, category, b.subject.status)
	record.SetSeverityNumber(number)
	record.SetSeverityText(word)
	b.data(e)
	b.context()
	b.finish(record, attrDropped)
}

// begin makes room for a record.
func (b *builder) begin() {
	b.attributes, b.room, b.dropped = b.attributes[:0], maxRecord-recordFraming, 0
}

// head writes what a record has beside its attributes, once the fixed ones have their room. Both of its times are that of
// what it tells, or Loki would keep a record that is delivered again.
func (b *builder) head(record plog.LogRecord, at time.Time, name, body string) {
	record.SetTimestamp(timestamp(at))
	record.SetObservedTimestamp(timestamp(at))
	record.SetSeverityNumber(plog.SeverityNumberInfo)
	record.SetSeverityText("INFO")
	record.SetEventName(b.cut(name, maxValue))
	b.room -= len(record.EventName())
	record.Body().SetStr(b.cut(body, b.room))
	b.room -= len(record.Body().Str())
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
	case b.subject.secret != "":
		return typeID + ": " + b.subject.secret
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
		b.number(attrKey, int(e.Key))
	}
	if s.chained {
		b.number(attrChainID, int(e.ChainID))
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

func (b *builder) number(name string, n int) {
	b.attributes = append(b.attributes, attribute{name, intValue(int64(n))})
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

// finish writes the attributes, and under a name of its own how many were dropped. Of two with one name, as arguments of an
// EventEx can have it, the first stays.
func (b *builder) finish(record plog.LogRecord, dropped string) {
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
		attributes.PutInt(dropped, int64(b.dropped))
	}
}

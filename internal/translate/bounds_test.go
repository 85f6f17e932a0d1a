package translate

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// checkBounds fails if a record is beyond the bounds, has a name twice, or says wrongly what was dropped.
func checkBounds(t testing.TB, record plog.LogRecord) {
	t.Helper()
	checkCounted(t, record, attrDropped)
}

// checkCounted is checkBounds for records that count what was dropped under another name.
func checkCounted(t testing.TB, record plog.LogRecord, name string) {
	t.Helper()
	attributes := record.Attributes()
	assert.LessOrEqual(t, attributes.Len(), maxAttributes)
	assert.LessOrEqual(t, (&plog.ProtoMarshaler{}).LogRecordSize(record), maxRecord)
	names := map[string]bool{}
	for name, value := range attributes.All() {
		assert.False(t, names[name], "%s twice", name)
		names[name] = true
		if value.Type() == pcommon.ValueTypeStr {
			assert.LessOrEqual(t, len(value.Str()), maxValue, name)
			assert.NotEmpty(t, value.Str(), name)
		} else {
			assert.LessOrEqual(t, len(value.AsString()), maxValue, name)
		}
	}
	dropped, ok := attributes.Get(name)
	if assert.Equal(t, record.DroppedAttributesCount() > 0, ok) && ok {
		assert.EqualValues(t, record.DroppedAttributesCount(), dropped.Int())
	}
}

func leaf(name, text string) soapxml.Elements {
	return soapxml.Elements{{Name: name, Text: text, Span: 1}}
}

func node(name string, below ...soapxml.Elements) soapxml.Elements {
	all := soapxml.Elements{{Name: name}}
	for _, e := range below {
		all = append(all, e...)
	}
	all[0].Span = len(all)
	return all
}

func argument(field, name, typ, moref string) soapxml.Elements {
	return node(field, leaf("name", name), soapxml.Elements{{Name: field, Ref: typ, Text: moref, Span: 1}})
}

func siblings(all ...soapxml.Elements) (flat soapxml.Elements) {
	for _, e := range all {
		flat = append(flat, e...)
	}
	return flat
}

func one(t testing.TB, e event.Event) plog.LogRecord {
	records := allRecords(Events(testSource, testCatalog, Context{}, []event.Event{e}))
	require.Len(t, records, 1)
	return records[0]
}

func TestRecordsInTestdataAreInBounds(t *testing.T) {
	for _, body := range answers(t) {
		for _, record := range allRecords(translate(t, body)) {
			checkBounds(t, record)
		}
	}
}

func TestTooManyFieldsAreDroppedAndCounted(t *testing.T) {
	e := event.Event{Class: "Verbose"}
	for i := range 200 {
		e.Fields = append(e.Fields, leaf(fmt.Sprintf("field%d", i), "x")...)
	}
	record := one(t, e)
	checkBounds(t, record)
	assert.Equal(t, maxAttributes, record.Attributes().Len())
	kept := 0
	for name := range record.Attributes().All() {
		if strings.HasPrefix(name, dataPrefix) {
			kept++
		}
	}
	assert.EqualValues(t, 200-kept, record.DroppedAttributesCount())
}

func TestManyLongNumbersStayInBounds(t *testing.T) {
	e := event.Event{Class: "Verbose"}
	for i := range 200 {
		name := fmt.Sprintf("%0330d", i)
		e.Fields = append(e.Fields, soapxml.Element{Name: name, Type: "long", Text: "-9223372036854775808", Span: 1})
	}
	record := one(t, e)
	checkBounds(t, record)
	assert.Greater(t, (&plog.ProtoMarshaler{}).LogRecordSize(record), maxRecord-1000)
}

func TestLongValueIsCutBetweenCharacters(t *testing.T) {
	for shift := range 4 {
		text := strings.Repeat("x", shift) + strings.Repeat("🙂", 2000)
		record := one(t, event.Event{Class: "Verbose", Fields: leaf("text", text)})
		checkBounds(t, record)
		value, ok := record.Attributes().Get(dataPrefix + "text")
		require.True(t, ok)
		assert.True(t, utf8.ValidString(value.Str()))
		assert.Greater(t, len(value.Str()), maxValue-4)
		assert.True(t, strings.HasPrefix(text, value.Str()))
		assert.EqualValues(t, 1, record.DroppedAttributesCount())
	}
}

// A message may be longer than a value, for it is what a user reads, but not longer than a record.
func TestLongMessageIsCutWithTheRecord(t *testing.T) {
	whole := strings.Repeat("m", 20<<10)
	record := one(t, event.Event{Class: "Verbose", Message: whole, Fields: leaf("field", "x")})
	checkBounds(t, record)
	assert.Equal(t, whole, record.Body().Str())
	assert.Zero(t, record.DroppedAttributesCount())

	record = one(t, event.Event{Class: "Verbose", Message: strings.Repeat("é", 100<<10), Fields: leaf("field", "x")})
	checkBounds(t, record)
	assert.True(t, utf8.ValidString(record.Body().Str()))
	assert.EqualValues(t, 2, record.DroppedAttributesCount(), "the message is cut, the field left out")
}

func TestFixedAttributesAreNeverDropped(t *testing.T) {
	long := strings.Repeat("é", 50<<10)
	e := event.Event{Class: "UserLoginSessionEvent", Key: 7, Keyed: true, UserName: long, Message: long, Unreadable: long}
	e.Fields = siblings(
		leaf("chainId", "0"),
		argument("datacenter", long, "Datacenter", long), argument("computeResource", long, clusterType, long),
		argument("host", long, "HostSystem", long), argument("vm", long, long, long), argument("ds", long, "Datastore", long),
		argument("net", long, "Network", long), argument("dvs", long, "DistributedVirtualSwitch", long),
		leaf("ipAddress", long), leaf("userAgent", long), leaf("field", "x"),
	)
	record := one(t, e)
	checkBounds(t, record)
	for _, a := range RecordAttributes {
		if a.Name == attrCategory {
			continue // from vCenter's catalog, which tells four words
		}
		value, ok := record.Attributes().Get(a.Name)
		require.True(t, ok, a.Name)
		assert.NotEmpty(t, value.AsString(), a.Name)
	}
}

func TestUIDIsNeverCut(t *testing.T) {
	long := strings.Repeat("x", 50<<10)
	e := event.Event{Class: "EventEx", UserName: long, Fields: siblings(leaf("eventTypeId", long), leaf("severity", long),
		leaf("objectType", long), leaf("objectId", long), leaf("objectName", long), argument("vm", long, long, long),
		argument("host", long, long, long), argument("dvs", long, long, long), argument("ds", long, long, long))}
	record := one(t, e)
	checkBounds(t, record)
	uid, _ := record.Attributes().Get(attrUID)
	assert.Equal(t, e.UID(testSource.InstanceUUID), uid.Str())
}

func TestCutNeverPanics(t *testing.T) {
	for _, text := range []string{"", "a", "é", "🙂🙂", "\x80\x80\x80\x80", "a\xff\x80\x80"} {
		for limit := range len(text) + 2 {
			short, was := cut(text, limit)
			assert.LessOrEqual(t, len(short), limit)
			assert.Equal(t, len(short) < len(text), was)
			assert.True(t, strings.HasPrefix(text, short))
		}
	}
}

func TestInvalidUTF8DoesNotPanic(t *testing.T) {
	bad := "\xff\xfe" + strings.Repeat("\x80", 10<<10)
	checkBounds(t, one(t, event.Event{Class: bad, UserName: bad, Message: bad, Fields: siblings(
		leaf("field", bad), leaf(bad, bad), node("deep", leaf(bad, bad), leaf("x", bad)))}))
}

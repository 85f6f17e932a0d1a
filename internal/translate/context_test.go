package translate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// tagged has tags by moref.
type tagged map[string][]string

func (t tagged) Of(moref string) []string { return t[moref] }

// testContext is the inventory in testdata, after a virtual machine was removed from it.
func testContext(t testing.TB) Context {
	e := testEstate(t)
	for _, step := range []string{"1", "2"} {
		require.NoError(t, e.read(t, readFile(t, "testdata/context/"+step+".xml")))
	}
	return Context{Inventory: e.context(), Tags: tagged{"vm-42": {"env:prod", "team:shop"}, "domain-c8": {"env:prod"}}}
}

func TestRecordsInContext(t *testing.T) {
	events := decode(t, readFile(t, "testdata/context/events.xml"))
	assertGolden(t, "testdata/context/events.yaml", Events(testSource, testCatalog, testContext(t), events))
}

// attributesOf are those of the record of an event, as text.
func attributesOf(record plog.LogRecord) map[string]string {
	all := map[string]string{}
	for name, value := range record.Attributes().All() {
		all[name] = value.AsString()
	}
	return all
}

func inContext(t *testing.T, in Context, e event.Event) map[string]string {
	records := allRecords(Events(testSource, testCatalog, in, []event.Event{e}))
	require.Len(t, records, 1)
	checkBounds(t, records[0])
	return attributesOf(records[0])
}

func TestTheEventsOwnFactsWin(t *testing.T) {
	in := testContext(t)
	machine, esx1 := argument("vm", "web-00", "VirtualMachine", "vm-42"), argument("host", "esx1", "HostSystem", "host-28")
	for name, test := range map[string]struct {
		fields  soapxml.Elements
		cluster string
	}{
		"it names another cluster":             {siblings(machine, esx1, argument("computeResource", "test", clusterType, "domain-c1")), "domain-c1"},
		"it names a stand-alone host":          {siblings(machine, esx1, argument("computeResource", "esx1", "ComputeResource", "domain-s7")), ""},
		"its host is in no cluster":            {siblings(machine, argument("host", "esx9", "HostSystem", "host-91")), ""},
		"its virtual machine is in none now":   {siblings(argument("vm", "db-01", "VirtualMachine", "vm-43"), esx1), "domain-c8"},
		"nothing is known of its host":         {siblings(machine, argument("host", "esx7", "HostSystem", "host-7")), "domain-c8"},
		"it names nothing but a datastore":     {siblings(argument("ds", "ssd-1", "Datastore", "datastore-15")), ""},
		"nothing is known of anything it says": {siblings(argument("vm", "ghost", "VirtualMachine", "vm-99")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := inContext(t, in, event.Event{Class: "VmRenamedEvent", Fields: test.fields})
			assert.Equal(t, test.cluster, got[kinds[cluster].moref])
			if _, named := got[kinds[vm].name]; named && got[kinds[vm].moref] == "vm-42" {
				assert.Equal(t, "web-00", got[kinds[vm].name], "the name of that time")
				assert.Equal(t, "/Berlin/vm/web-01", got[attrObjectPath], "the path of now")
			}
		})
	}
}

func TestTheEventsOwnFieldsHaveRoomFirst(t *testing.T) {
	e := event.Event{Class: "Verbose", Fields: argument("vm", "web-01", "VirtualMachine", "vm-42")}
	for i := range 200 {
		e.Fields = append(e.Fields, leaf(fmt.Sprintf("field%d", i), "x")...)
	}
	got := inContext(t, testContext(t), e)
	bare := inContext(t, Context{}, e)
	assert.NotContains(t, got, attrObjectPath)
	delete(got, attrDropped)
	delete(bare, attrDropped)
	assert.Equal(t, bare, got)
}

// Until the inventory was read, and with enrichment off, a record is what it always was.
func TestWithoutContextARecordIsTheSame(t *testing.T) {
	unread := Context{Inventory: inventory.NewCache(testSource.InstanceUUID).Snapshot().Context()}
	for file, body := range answers(t) {
		events := decode(t, body)
		want := marshal(t, Events(testSource, testCatalog, Context{}, events))
		assert.Equal(t, want, marshal(t, Events(testSource, testCatalog, unread, events)), file)
	}
}

func TestRecordInContextHasTheSameBytes(t *testing.T) {
	events := decode(t, readFile(t, "testdata/context/events.xml"))
	want := marshal(t, Events(testSource, testCatalog, testContext(t), events))
	assert.Equal(t, want, marshal(t, Events(testSource, testCatalog, testContext(t), events)))
	payload, _ := Payload(testSource, testCatalog, testContext(t), events, 1<<20)
	for range 3 {
		assert.Equal(t, want, marshal(t, payload()))
	}
}

func TestEventsOfWhichNothingIsKnownAreCounted(t *testing.T) {
	in := testContext(t)
	about := func(moref string) event.Event {
		return event.Event{Class: "VmPoweredOnEvent", Fields: argument("vm", "", "VirtualMachine", moref)}
	}
	events := []event.Event{about("vm-99"), about("vm-42"), {Class: "UserLoginSessionEvent"}, about("vm-98"), about("vm-97"), about("vm-41")}
	_, taken := Batch(testSource, testCatalog, in, events, 1<<20)
	assert.Equal(t, Taken{Events: 6, Bare: 3}, taken)
	_, taken = Batch(testSource, testCatalog, Context{}, events, 1<<20)
	assert.Equal(t, Taken{Events: 6, Bare: 5}, taken, "but for the login, which is about no object")
	for limit := 1; limit < 3000; limit += 7 {
		sum := Taken{}
		for rest := events; len(rest) > 0; rest = rest[taken.Events:] {
			_, taken = Batch(testSource, testCatalog, in, rest, limit)
			sum.Events, sum.Bare = sum.Events+taken.Events, sum.Bare+taken.Bare
		}
		require.Equal(t, Taken{Events: 6, Bare: 3}, sum, "cut at %d bytes, each is counted once", limit)
	}
}

func TestCustomAttributeWithASecretDoesNotLeave(t *testing.T) {
	logs := Events(testSource, testCatalog, testContext(t), decode(t, readFile(t, "testdata/context/events.xml")))
	assert.NotContains(t, string(marshal(t, logs)), "SECRET")
	assert.Contains(t, string(readFile(t, "testdata/inventory.xml")), "SECRET", "it must have been there")
}

// laden is the record of an event about a virtual machine with 40 custom attributes of one value.
func laden(t *testing.T, value string, tags []string) plog.LogRecord {
	var fields, values strings.Builder
	for i := range 40 {
		fmt.Fprintf(&fields, "<CustomFieldDef><key>%d</key><name>field %02d</name></CustomFieldDef>", i+1, i)
		fmt.Fprintf(&values, "<CustomFieldValue><key>%d</key><value>%s</value></CustomFieldValue>", i+1, value)
	}
	e := testEstate(t)
	require.NoError(t, e.read(t, updated("CustomFieldsManager", "CustomFieldsManager", "field", "ArrayOfCustomFieldDef", fields.String())))
	require.NoError(t, e.read(t, updated("VirtualMachine", "vm-42", "customValue", "ArrayOfCustomFieldValue", values.String())))
	in := Context{Inventory: e.context(), Tags: tagged{"vm-42": tags}}
	record := allRecords(Events(testSource, testCatalog, in, []event.Event{
		{Class: "VmPoweredOnEvent", Fields: argument("vm", "web-01", "VirtualMachine", "vm-42")},
	}))[0]
	checkBounds(t, record)
	checkText(t, record)
	return record
}

func TestTooManyCustomAttributesAreLeftOutAndCounted(t *testing.T) {
	record := laden(t, "x", nil)
	got := attributesOf(record)
	assert.Contains(t, got, attrCustomPrefix+"field 15")
	assert.NotContains(t, got, attrCustomPrefix+"field 16")
	assert.EqualValues(t, 24, record.DroppedAttributesCount())
}

func TestTooMuchContextIsLeftOutAndCounted(t *testing.T) {
	var tags []string
	for i := range 500 {
		tags = append(tags, fmt.Sprintf("category:tag-%d", i))
	}
	record := laden(t, strings.Repeat("é", 2500), tags)
	got := attributesOf(record)
	assert.Contains(t, got, attrObjectPath)
	assert.Contains(t, got, attrCustomPrefix+"field 00")
	assert.NotContains(t, got, attrCustomPrefix+"field 15", "no room")
	kept, _ := record.Attributes().Get(attrTags)
	assert.Greater(t, kept.Slice().Len(), 100)
	assert.Equal(t, "category:tag-0", kept.Slice().At(0).Str())
	assert.Greater(t, record.DroppedAttributesCount(), uint32(24))
}

// updated is an answer of WaitForUpdatesEx in which one property changes.
func updated(class, moref, name, typ, value string) []byte {
	return fmt.Appendf(nil, `<Envelope><Body><WaitForUpdatesExResponse><returnval><version>2</version><filterSet><objectSet><kind>modify</kind>`+
		`<obj type="%s">%s</obj><changeSet><name>%s</name><op>assign</op><val xsi:type="%s">%s</val></changeSet>`+
		`</objectSet></filterSet></returnval></WaitForUpdatesExResponse></Body></Envelope>`, class, moref, name, typ, value)
}

func TestContextHasNoAttributeBesideTheTable(t *testing.T) {
	events := decode(t, readFile(t, "testdata/context/events.xml"))
	bare := allRecords(Events(testSource, testCatalog, Context{}, events))
	met := map[string]bool{}
	for i, record := range allRecords(Events(testSource, testCatalog, testContext(t), events)) {
		own, all := namesOf(bare[i]), namesOf(record)
		require.GreaterOrEqual(t, len(all), len(own))
		assert.Equal(t, own, all[:len(own)], "what is known beside it comes last")
		assertOrder(t, ContextAttributes, all[len(own):], met)
	}
	assert.Len(t, met, len(ContextAttributes), "testdata shows every attribute")
}

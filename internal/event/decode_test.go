package event_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// answer puts what a response holds into an envelope as vCenter writes it.
func answer(events string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Body>
<ReadNextEventsResponse xmlns="urn:vim25">` + events + `</ReadNextEventsResponse>
</soapenv:Body>
</soapenv:Envelope>`)
}

func decode(t *testing.T, events string) []event.Event {
	t.Helper()
	got, err := event.Decode(answer(events))
	require.NoError(t, err)
	return got
}

func TestAnEventAsVCenterWritesIt(t *testing.T) {
	got := decode(t, `
  <returnval xsi:type="EventEx">
    <key>-2147483000</key>
    <chainId> -2147483001 </chainId>
    <createdTime>2026-11-02T09:00:00.123456+01:00</createdTime>
    <userName></userName>
    <!-- the entity -->
    <vm><name>web &amp; co</name><vm type="VirtualMachine">vm-42</vm></vm>
    <fullFormattedMessage><![CDATA[<b>größe</b> & more]]></fullFormattedMessage>
    <eventTypeId>com.vmware.vc.ha.VmRestartedByHAEvent</eventTypeId>
    <arguments><key>count</key><value xsi:type="xsd:int">3</value></arguments>
  </returnval>`)
	require.Len(t, got, 1)
	e := got[0]
	assert.Equal(t, "EventEx", e.Class)
	assert.Equal(t, "com.vmware.vc.ha.VmRestartedByHAEvent", e.TypeID())
	assert.Equal(t, int32(-2147483000), e.Key)
	assert.True(t, e.Keyed)
	assert.Equal(t, int32(-2147483001), e.ChainID)
	assert.Equal(t, time.Date(2026, 11, 2, 8, 0, 0, 123456000, time.UTC), e.Created)
	assert.True(t, e.Timed)
	assert.Empty(t, e.UserName)
	assert.Equal(t, "<b>größe</b> & more", e.Message)
	assert.Equal(t, "web & co", e.Fields.Text("vm", "name"))
	_, vm, _ := e.Fields.Find("vm")
	assert.Equal(t, soapxml.Element{Name: "vm", Ref: "VirtualMachine", Text: "vm-42", Span: 1}, vm[1])
	_, argument, _ := e.Fields.Find("arguments")
	assert.Equal(t, soapxml.Element{Name: "value", Type: "int", Text: "3", Span: 1}, argument[1])
}

// A vCenter that is newer than this program has classes that nobody here knows.
func TestAnUnknownClassKeepsEverything(t *testing.T) {
	got := decode(t, `<returnval xsi:type="vim25:TomorrowsEvent"><key>1</key><createdTime>2026-11-02T08:00:00Z</createdTime>`+
		`<auditId>a</auditId><deep><er xsi:type="AlsoNew"><x>1</x><x>2</x></er></deep></returnval>`)
	require.Len(t, got, 1)
	assert.Equal(t, "TomorrowsEvent", got[0].Class)
	assert.Equal(t, "TomorrowsEvent", got[0].TypeID())
	assert.Equal(t, soapxml.Elements{
		{Name: "key", Text: "1", Span: 1},
		{Name: "createdTime", Text: "2026-11-02T08:00:00Z", Span: 1},
		{Name: "auditId", Text: "a", Span: 1},
		{Name: "deep", Span: 4},
		{Name: "er", Type: "AlsoNew", Span: 3},
		{Name: "x", Text: "1", Span: 1},
		{Name: "x", Text: "2", Span: 1},
	}, got[0].Fields)
}

func TestAnEventWithoutKeyOrTimeIsDelivered(t *testing.T) {
	got := decode(t, `
<returnval xsi:type="AEvent"><key>1</key></returnval>
<returnval xsi:type="BEvent"><key>2</key><createdTime>2026-11-02T08:00:00Z</createdTime></returnval>
<returnval xsi:type="CEvent"><createdTime>2026-11-02T08:00:05Z</createdTime></returnval>
<returnval xsi:type="DEvent"><key>99999999999</key><createdTime>yesterday</createdTime></returnval>
<returnval xsi:type="EEvent"><key>x</key><createdTime>0001-01-01T00:00:00Z</createdTime></returnval>
<returnval/>`)
	require.Len(t, got, 6)
	first := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for i, want := range []struct {
		class        string
		keyed, timed bool
		created      time.Time
	}{
		{"AEvent", true, false, first}, // before all times of the page: the first of them
		{"BEvent", true, true, first},
		{"CEvent", false, true, first.Add(5 * time.Second)},
		{"DEvent", false, false, first.Add(5 * time.Second)}, // of the event before it
		{"EEvent", false, false, first.Add(5 * time.Second)},
		{"Event", false, false, first.Add(5 * time.Second)},
	} {
		assert.Equal(t, want.class, got[i].Class)
		assert.Equal(t, want.keyed, got[i].Keyed, want.class)
		assert.Equal(t, want.timed, got[i].Timed, want.class)
		assert.Equal(t, want.created, got[i].Created, want.class)
		assert.NotZero(t, got[i].Identity().ID, want.class)
		assert.NotZero(t, got[i].Size, want.class)
	}
}

func TestAPageWithoutAnyTime(t *testing.T) {
	got := decode(t, `<returnval/><returnval/>`)
	assert.True(t, got[1].Created.IsZero(), "the reader of the page knows where it is")
}

func TestTimesOfVCenter(t *testing.T) {
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-11-02T08:00:00Z":             at,
		" 2026-11-02T08:00:00Z\n":          at,
		"2026-11-02T08:00:00":              at, // no zone is UTC
		"2026-11-02T08:00:00.5":            at.Add(time.Second / 2),
		"2026-11-02T03:00:00.123456-05:00": at.Add(123456 * time.Microsecond),
		"2026-11-02T08:00:00.123456789Z":   at.Add(123456789),
		"2026-11-02 08:00:00":              {},
		"9999-12-31T23:59:59Z":             {}, // more nanoseconds than a log record has room for
		"1969-12-31T23:59:59Z":             {},
		"":                                 {},
	} {
		got := decode(t, "<returnval><createdTime>"+text+"</createdTime></returnval>")
		assert.Equal(t, want, got[0].Created, text)
		assert.Equal(t, !want.IsZero(), got[0].Timed, text)
	}
}

func TestAnswersThatAreNoPage(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":        ``,
		"HTML":           `<html><body>503</body></html>`,
		"empty body":     `<Envelope><Body/></Envelope>`,
		"fault":          `<Envelope><Body><Fault><faultcode/></Fault></Body></Envelope>`,
		"other response": `<Envelope><Body><ReadNextTasksResponse><returnval/></ReadNextTasksResponse></Body></Envelope>`,
		"no event":       `<Envelope><Body><ReadNextEventsResponse><return/></ReadNextEventsResponse></Body></Envelope>`,
		"second body":    `<Envelope><Body><ReadNextEventsResponse/></Body></Envelope><Envelope/>`,
	} {
		_, err := event.Decode([]byte(body))
		assert.Error(t, err, name)
	}
	_, err := event.Decode([]byte(`<Envelope><Body><ReadNextEventsResponse><returnval>`))
	assert.True(t, soapxml.IsTruncated(err), "the reason can be told")
}

func TestAnEmptyPage(t *testing.T) {
	for _, name := range []string{"ReadNextEventsResponse", "QueryEventsResponse", "ReadPreviousEventsResponse"} {
		got, err := event.Decode([]byte("<Envelope><Body><" + name + "/></Body></Envelope>"))
		require.NoError(t, err)
		assert.Empty(t, got)
	}
}

// The server's cursor moved although the answer was lost: part of a page must never pass for a page.
func TestAPageCutAtEveryOffset(t *testing.T) {
	body := eventtest.Answer(3, 1)
	for n := range body[:len(body)-1] {
		_, err := event.Decode(body[:n])
		require.Truef(t, soapxml.IsTruncated(err), "cut at %d of %d: %v", n, len(body), err)
	}
}

func TestEventsOwnTheirStrings(t *testing.T) {
	body := eventtest.Answer(20, 1)
	got, err := event.Decode(body)
	require.NoError(t, err)
	want, err := event.Decode(body)
	require.NoError(t, err)
	clear(body)
	assert.Equal(t, want, got)
}

func TestEventsOfLatestPage(t *testing.T) {
	page, err := event.Decode(eventtest.Answer(5, 1))
	require.NoError(t, err)
	value := strings.NewReplacer("ReadNextEventsResponse", "val", "<returnval", "<Event", "</returnval", "</Event").
		Replace(string(eventtest.Answer(5, 1)))
	body, err := soapxml.Body([]byte(value))
	require.NoError(t, err)
	_, children, ok := body.Find("val")
	require.True(t, ok)
	got, err := event.DecodeArray(children)
	require.NoError(t, err)
	assert.Equal(t, page, got, "hash and size included: the same event is known again")
}

func TestDecodeAllocatesFarLessThanAnEvent(t *testing.T) {
	body := eventtest.Answer(1000, 1)
	allocations := testing.AllocsPerRun(5, func() {
		if _, err := event.Decode(body); err != nil {
			t.Fatal(err)
		}
	})
	assert.Less(t, allocations/1000, 1.0)
}

// FuzzDecode never panics, and never finds an event without an identity.
func FuzzDecode(f *testing.F) {
	f.Add(eventtest.Answer(2, 1))
	f.Add(answer(`<returnval xsi:type="EventEx"><key>-1</key><eventTypeId>x</eventTypeId></returnval><returnval/>`))
	f.Add(answer(`<returnval><key>1</key><key>x</key><createdTime>2026-11-02T08:00:00</createdTime></returnval>`))
	for _, name := range []string{"vcsim.xml", "vcenter.xml"} {
		body, err := os.ReadFile(filepath.Join("..", "soapxml", "testdata", name))
		require.NoError(f, err)
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := event.Decode(body)
		if err != nil {
			require.Empty(t, events)
		}
		for i := range events {
			e := &events[i]
			id := e.Identity()
			require.True(t, e.Keyed && e.Timed || id.ID > 1<<32, "an identity of its own")
			require.NotEmpty(t, e.TypeID())
			require.NotEmpty(t, e.Class)
			require.Positive(t, e.Size)
			require.Equal(t, id, e.Identity())
			require.True(t, strings.HasPrefix(e.UID("uuid"), "uuid:"))
		}
	})
}

package event_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

func single(event string) []byte {
	return []byte(`<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><ReadNextEventsResponse xmlns="urn:vim25">` +
		event + `</ReadNextEventsResponse></soapenv:Body></soapenv:Envelope>`)
}

// What is broken behind the key and the time leaves the event its identity: it is delivered once, under its own uid.
func TestAnEventThatIsNotWellFormedKeepsItsIdentity(t *testing.T) {
	answer := single("<returnval xsi:type=\"vim25:VmPoweredOnEvent\"><key>4711</key><chainId>4700</chainId><createdTime>2026-11-14T09:30:00.123Z</createdTime>" +
		"<userName>root &amp; co\x01\xff</userName><fullFormattedMessage>on</fullFormattedMessage><vm><name>a & b</name></vm></returnval>")
	_, err := event.Decode(answer)
	require.Error(t, err)
	e, ok := event.Salvage(answer, err)
	require.True(t, ok)
	assert.Equal(t, "VmPoweredOnEvent", e.Class)
	assert.Equal(t, "uuid:4711:1794648600123", e.UID("uuid"))
	assert.EqualValues(t, 4700, e.ChainID)
	assert.Equal(t, "root & co", e.UserName)
	assert.Equal(t, "on", e.Message)
	assert.Equal(t, err.Error(), e.Unreadable)
	assert.True(t, e.Timed)
	assert.Equal(t, time.UTC, e.Created.Location())
}

// A field that is closed inside another one is not what it seems: its text would be that of half the event.
func TestAFieldWithAnElementInItIsNotRead(t *testing.T) {
	e, ok := event.Salvage(single("<returnval><key>7</key><userName>root<fullFormattedMessage>on</userName></fullFormattedMessage>"), errors.New("malformed"))
	require.True(t, ok)
	assert.EqualValues(t, 7, e.Key)
	assert.Empty(t, e.UserName)
	assert.Empty(t, e.Message)
}

// Where not even that can be read, it is known by its bytes.
func TestAnEventOfWhichNothingCanBeRead(t *testing.T) {
	broken := errors.New("malformed")
	one, ok := event.Salvage(single("<returnval <<<key>12</key>"), broken)
	require.True(t, ok)
	other, ok := event.Salvage(single("<returnval <<<key>13</key"), broken)
	require.True(t, ok)
	assert.Equal(t, "Event", one.Class)
	assert.False(t, one.Timed)
	assert.NotEqual(t, one.UID("uuid"), other.UID("uuid"))
}

func TestWhatIsNoSingleEventIsNotSalvaged(t *testing.T) {
	for name, answer := range map[string][]byte{
		"nothing":        nil,
		"a page of two":  single("<returnval><key>1</key></returnval><returnval><key>2</key>"),
		"an empty page":  single("<"),
		"another answer": []byte(`<Envelope><Body><RetrievePropertiesExResponse><returnval></RetrievePropertiesExResponse></Body></Envelope>`),
	} {
		t.Run(name, func(t *testing.T) {
			_, ok := event.Salvage(answer, errors.New("malformed"))
			assert.False(t, ok)
		})
	}
}

func unfit(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

func FuzzSalvage(f *testing.F) {
	f.Add(single(`<returnval xsi:type="EventEx"><key>1</key><createdTime>2026-11-14T09:30:00Z</createdTime><a b></returnval>`))
	f.Add(single(`<returnval type="`))
	f.Add([]byte("ReadNextEventsResponse<returnval"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		e, ok := event.Salvage(answer, errors.New("malformed"))
		if !ok {
			return
		}
		assert.Regexp(t, "Event(Ex)?$", e.Class)
		assert.NotEmpty(t, e.UID("uuid"))
		assert.Equal(t, e.Timed, !e.Created.IsZero())
		for _, text := range []string{e.Class, e.UserName, e.Message} {
			assert.True(t, utf8.ValidString(text) && !strings.ContainsFunc(text, unfit), "%q is no text of a record", text)
		}
	})
}

package event_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

const ring = `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body>
<WaitForUpdatesExResponse xmlns="urn:vim25"><returnval><version>2</version><filterSet><filter type="PropertyFilter">f-1</filter>
<objectSet><kind>modify</kind><obj type="EventHistoryCollector">c-1</obj>%s</objectSet></filterSet></returnval></WaitForUpdatesExResponse>
</Body></Envelope>`

func TestEventsOfARing(t *testing.T) {
	change := `<changeSet><name>latestPage</name><op>assign</op><val xsi:type="ArrayOfEvent">
<Event xsi:type="VmPoweredOnEvent"><key>7</key><chainId>7</chainId><createdTime>2026-11-21T10:00:00Z</createdTime></Event></val></changeSet>`
	newest, err := event.DecodeRing(fmt.Appendf(nil, ring, change))
	require.NoError(t, err)
	require.Len(t, newest, 1)
	assert.EqualValues(t, 7, newest[0].Key)
	assert.Equal(t, time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), newest[0].Created)
}

// An answer that tells of something else is not taken for a silent history.
func TestARingWithoutALatestPage(t *testing.T) {
	for _, body := range []string{"", "<Envelope/>", fmt.Sprintf(ring, ""), fmt.Sprintf(ring, "")[:300]} {
		_, err := event.DecodeRing([]byte(body))
		assert.Error(t, err, body)
	}
}

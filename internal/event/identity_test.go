package event_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
)

func TestUIDIsTheSameEverywhere(t *testing.T) {
	created := time.Date(2026, 11, 2, 8, 0, 0, 123456789, time.UTC)
	e := event.Event{Key: 42, Keyed: true, Created: created, Timed: true, Hash: 0xBEEF}
	assert.Equal(t, "4c9-uuid:42:1793606400123", e.UID("4c9-uuid"))
	e.Key = -7
	assert.Equal(t, "4c9-uuid:-7:1793606400123", e.UID("4c9-uuid"))
	e.Keyed = false
	assert.Equal(t, "4c9-uuid:0:beef", e.UID("4c9-uuid"))
	e.Keyed, e.Timed = true, false
	assert.Equal(t, "4c9-uuid:0:beef", e.UID("4c9-uuid"), "a lent time depends on the page")
}

func TestIdentityOfAnEvent(t *testing.T) {
	created := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	e := event.Event{Key: math.MinInt32, Keyed: true, Created: created, Timed: true}
	assert.Equal(t, dedup.Key{ID: math.MinInt32, Created: created}, e.Identity())
	e.Keyed = false
	for _, hash := range []uint64{0, 1, math.MaxInt32, math.MaxInt64, math.MaxUint64} {
		e.Hash = hash
		assert.Greater(t, e.Identity().ID, int64(math.MaxUint32), "no key is there")
		assert.Equal(t, created, e.Identity().Created)
	}
}

// One event without a key must not pass for another.
func TestHashTellsEventsApart(t *testing.T) {
	seen := map[uint64]string{}
	for _, text := range []string{
		`<returnval/>`,
		`<returnval xsi:type="A"/>`,
		`<returnval xsi:type="B"/>`,
		`<returnval xsi:type="A"><a/></returnval>`,
		`<returnval xsi:type="A"><a/><a/></returnval>`,
		`<returnval xsi:type="A"><a><a/></a></returnval>`,
		`<returnval xsi:type="A"><a>a</a></returnval>`,
		`<returnval xsi:type="A"><a type="a"/></returnval>`,
		`<returnval xsi:type="A"><a xsi:type="a"/></returnval>`,
		`<returnval xsi:type="A"><a>1</a><b>2</b></returnval>`,
		`<returnval xsi:type="A"><b>2</b><a>1</a></returnval>`,
		`<returnval xsi:type="A"><a>2</a><b>1</b></returnval>`,
	} {
		hash := decode(t, text)[0].Hash
		assert.Empty(t, seen[hash], text)
		seen[hash] = text
	}

	page, err := event.Decode(eventtest.Answer(2_000, 3))
	require.NoError(t, err)
	hashes := map[uint64]bool{}
	for i := range page {
		hashes[page[i].Hash] = true
	}
	assert.Len(t, hashes, len(page))
}

// A hash is stored: its value is part of the record of a position.
func TestHashStaysTheSame(t *testing.T) {
	plain := decode(t, `<returnval xsi:type="VmEvent"><vm type="VirtualMachine">vm-1</vm><m>a &amp; b</m></returnval>`)[0]
	assert.Equal(t, uint64(0x6c3c58a7e8f0e724), plain.Hash)
	printed := decode(t, "<returnval\n  xsi:type='vim25:VmEvent'>\n  <x:vm xsi:type='' type='VirtualMachine'>vm-1</x:vm>\n  <m><![CDATA[a & b]]></m>\n</returnval>")[0]
	assert.Equal(t, plain.Hash, printed.Hash, "however it is printed")
	assert.Equal(t, plain.Size, printed.Size)
}

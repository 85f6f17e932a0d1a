package journal_test

import (
	"encoding/xml"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at is an event with a key and a time, in seconds from noon.
func at(key int32, seconds int) types.BaseEvent {
	e := &types.VmPoweredOnEvent{}
	e.Key, e.CreatedTime = key, noon.Add(time.Duration(seconds)*time.Second)
	return e
}

func keysOf(entries []*journal.Entry) []int32 {
	all := []int32{}
	for _, e := range entries {
		all = append(all, e.Key())
	}
	return all
}

func TestWhatIsGivenIsKept(t *testing.T) {
	j := journal.New(journal.Settings{})
	e := &types.VmPoweredOnEvent{}
	e.Key, e.ChainId, e.UserName, e.CreatedTime = -7, 3, "alice", noon
	j.Append(e)
	require.Equal(t, []types.BaseEvent{e}, j.Events())
	e.UserName = "bob"
	assert.Equal(t, "alice", j.Events()[0].GetEvent().UserName, "the journal has its own copy")
}

func TestWhatIsMissingIsFilledIn(t *testing.T) {
	j := journal.New(journal.Settings{Now: func() time.Time { return noon }})
	e := &types.VmPoweredOnEvent{}
	j.Append(at(5, 0), e)
	assert.Equal(t, []any{int32(6), int32(6), noon}, []any{e.Key, e.ChainId, e.CreatedTime})
	first, second := &types.VmStartingEvent{}, &types.VmPoweredOnEvent{}
	j.AppendChains([]types.BaseEvent{first, second})
	assert.Equal(t, []int32{7, 7, 8, 7}, []int32{first.Key, first.ChainId, second.Key, second.ChainId})
}

func TestKeysOverflowAndRestart(t *testing.T) {
	j := journal.New(journal.Settings{})
	j.SetNextKey(math.MaxInt32)
	j.Append(&types.VmPoweredOnEvent{}, &types.VmPoweredOnEvent{})
	j.SetNextKey(-1)
	j.Append(&types.VmPoweredOnEvent{}, &types.VmPoweredOnEvent{})
	j.SetNextKey(1)
	j.Append(&types.VmPoweredOnEvent{})
	assert.Equal(t, []int32{math.MaxInt32, math.MinInt32, -1, 1, 1}, keysOf(j.Entries()))
}

func TestBothOrders(t *testing.T) {
	for order, want := range map[journal.Order][]int32{
		journal.Insertion: {1, 4, 3, 2},
		journal.Creation:  {2, 1, 3, 4},
	} {
		j := journal.New(journal.Settings{Order: order})
		j.Append(at(1, 10), at(4, 20), at(3, 20), at(2, -5))
		assert.Equal(t, want, keysOf(j.Cursor(types.EventFilterSpec{}).Next(10)), order)
		latest := j.Cursor(types.EventFilterSpec{}).Latest(1)
		assert.Equal(t, want[3:], keysOf(latest), order)
	}
}

func TestACursorStandsBetweenTwoEvents(t *testing.T) {
	for _, order := range []journal.Order{journal.Insertion, journal.Creation} {
		j := journal.New(journal.Settings{Order: order})
		j.Append(at(1, 1), at(2, 2), at(3, 3), at(4, 4))
		c := j.Cursor(types.EventFilterSpec{})
		assert.Equal(t, []int32{}, keysOf(c.Previous(5)))
		assert.Equal(t, []int32{1, 2, 3}, keysOf(c.Next(3)))
		assert.Equal(t, []int32{3, 2}, keysOf(c.Previous(2)))
		assert.Equal(t, []int32{2, 3}, keysOf(c.Next(2)))
		c.Reset()
		assert.Empty(t, c.Next(1))
		j.Append(at(5, 5))
		assert.Equal(t, []int32{5}, keysOf(c.Next(2)))
		c.Rewind()
		assert.Equal(t, []int32{1}, keysOf(c.Next(1)))
	}
}

func TestACursorWhosePlaceWasPrunedGoesOn(t *testing.T) {
	for _, order := range []journal.Order{journal.Insertion, journal.Creation} {
		j := journal.New(journal.Settings{Order: order})
		j.Append(at(1, 1), at(2, 2), at(3, 3), at(4, 4))
		c := j.Cursor(types.EventFilterSpec{})
		c.Next(2)
		assert.Equal(t, 3, j.PruneKeysBefore(4))
		assert.Equal(t, []int32{4}, keysOf(c.Next(5)))
		assert.Equal(t, 1, j.PruneCreatedBefore(noon.Add(time.Minute)))
		assert.Empty(t, c.Next(5))
		j.Append(at(5, 5))
		assert.Equal(t, []int32{5}, keysOf(c.Next(5)))
		assert.Equal(t, 1, j.PruneOldest(9))
		assert.Zero(t, j.PruneOldest(9))
		assert.Nil(t, j.Last())
	}
}

func TestTheOrderCanChangeUnderACursor(t *testing.T) {
	j := journal.New(journal.Settings{})
	j.Append(at(1, 10), at(2, 20), at(3, 5))
	c := j.Cursor(types.EventFilterSpec{})
	assert.Equal(t, []int32{1}, keysOf(c.Next(1)))
	j.SetOrder(journal.Creation)
	assert.Equal(t, []int32{2}, keysOf(c.Next(5)), "3 is behind the cursor")
}

func TestAHiddenEventIsCutOutAfterThePage(t *testing.T) {
	hide := func(e types.BaseEvent) bool { return e.GetEvent().Key <= 3 }
	for hiding, want := range map[journal.Hiding][][]int32{
		journal.Passes: {{}, {4}, {5}},
		journal.Sticks: {{}, {}, {}},
	} {
		j := journal.New(journal.Settings{})
		j.Append(at(1, 1), at(2, 2), at(3, 3), at(4, 4), at(5, 5))
		j.Hide(hide, hiding)
		c := j.Cursor(types.EventFilterSpec{})
		var got [][]int32
		for range 3 {
			got = append(got, keysOf(c.Next(2)))
		}
		assert.Equal(t, want, got)
	}
	j := journal.New(journal.Settings{})
	j.Append(at(1, 1))
	j.Hide(hide, journal.Passes)
	assert.Empty(t, j.Cursor(types.EventFilterSpec{}).Latest(1), "latestPage is empty for the same reason")
}

func TestAReaderIsNotDisturbedByLateEvents(t *testing.T) {
	j := journal.New(journal.Settings{Order: journal.Creation})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 500 {
			j.Append(at(int32(1000-i), 1000-i))
		}
	}()
	for {
		j.Cursor(types.EventFilterSpec{}).Next(1000)
		select {
		case <-done:
			assert.Len(t, j.Cursor(types.EventFilterSpec{}).Next(1000), 500)
			return
		default:
		}
	}
}

func TestAppendingIsSignalled(t *testing.T) {
	j := journal.New(journal.Settings{})
	_, next := j.Changed()
	j.Append(at(1, 1), at(2, 2))
	<-next
	appended, _ := j.Changed()
	assert.Equal(t, uint64(2), appended)
}

func TestDecodeKeepsWhatItKnowsAndWhatItDoesNot(t *testing.T) {
	known, err := journal.Decode("VmPoweredOnEvent", `<key>1</key><vm><name>web</name><vm type="VirtualMachine">vm-1</vm></vm><template>false</template>`)
	require.NoError(t, err)
	assert.Equal(t, "web", known.(*types.VmPoweredOnEvent).Vm.Name)

	content := `<key>2</key><createdTime>2026-03-01T12:00:00Z</createdTime><eventTypeId>x.y</eventTypeId><new><deep xsi:type="xsd:int">1</deep></new>`
	unknown, err := journal.Decode("WarpEvent", content)
	require.NoError(t, err)
	assert.Equal(t, []any{int32(2), noon, "x.y", "WarpEvent"},
		[]any{unknown.GetEvent().Key, unknown.GetEvent().CreatedTime.UTC(), journal.TypeID(unknown), journal.Class(unknown)})
	j := journal.New(journal.Settings{})
	j.Append(unknown)
	assert.Equal(t, content, string(j.Last().XML()))

	for class, content := range map[string]string{"TaskInfo": "", "WarpEvent": "<open>", "a b": "", "VmPoweredOnEvent": "</x>"} {
		_, err := journal.Decode(class, content)
		require.Error(t, err, class)
	}
}

func TestAHiddenEventIsNeverSeen(t *testing.T) {
	j := journal.New(journal.Settings{})
	j.Append(journal.Hidden{BaseEvent: at(1, 1)}, at(2, 2))
	assert.Equal(t, []int32{2}, keysOf(j.Cursor(types.EventFilterSpec{}).Next(5)))
	assert.True(t, j.Entries()[0].Hidden())
	j.Append(journal.Hidden{BaseEvent: at(3, 3)})
	assert.Empty(t, j.Cursor(types.EventFilterSpec{}).Latest(1))

	c := j.Cursor(types.EventFilterSpec{})
	j.SetHiding(journal.Sticks)
	assert.Empty(t, c.Next(1))
	assert.Empty(t, c.Next(1), "stuck")
	assert.Equal(t, []int32{2}, keysOf(c.Next(2)), "a page that is not wholly hidden moves it")
	j.SetHiding(journal.Passes)
	assert.Empty(t, c.Next(1))
}

func TestAStalledCursorFindsNothing(t *testing.T) {
	j := journal.New(journal.Settings{})
	j.Append(at(1, 1), at(2, 2))
	old := j.Cursor(types.EventFilterSpec{})
	old.Next(1)
	j.StallCursors()
	assert.Empty(t, old.Next(5))
	assert.Empty(t, old.Previous(5))
	assert.Len(t, old.Latest(5), 2, "the latest page is not touched")
	fresh := j.Cursor(types.EventFilterSpec{})
	assert.Len(t, fresh.Next(1), 1)

	j.SetStalled(true)
	assert.Empty(t, fresh.Next(5))
	assert.Empty(t, j.Cursor(types.EventFilterSpec{}).Next(5))
	j.SetStalled(false)
	assert.Equal(t, []int32{2}, keysOf(fresh.Next(5)), "it did not move")
	assert.Empty(t, old.Next(5))
}

func TestOldEventsVanishByThemselves(t *testing.T) {
	now := noon
	j := journal.New(journal.Settings{Now: func() time.Time { return now }})
	j.Append(at(1, -100), at(2, -50), at(3, 0))
	c := j.Cursor(types.EventFilterSpec{})
	j.SetRetention(time.Minute)
	assert.Equal(t, []int32{2, 3}, keysOf(c.Next(5)))
	now = noon.Add(time.Minute)
	assert.Equal(t, []int32{3}, keysOf(j.Entries()))
	now = noon.Add(time.Hour)
	assert.Zero(t, j.Len())
	assert.Nil(t, j.Last())
	j.SetRetention(0)
	j.Append(at(4, -100))
	assert.Equal(t, 1, j.Len())
}

func TestKeysAreLeftOut(t *testing.T) {
	j := journal.New(journal.Settings{})
	j.Append(&types.VmPoweredOnEvent{})
	j.SkipKeys(10)
	j.Append(&types.VmPoweredOnEvent{})
	assert.Equal(t, []int32{1, 12}, keysOf(j.Entries()))
	j.SetNextKey(-1)
	j.Append(&types.VmPoweredOnEvent{}, &types.VmPoweredOnEvent{})
	assert.Equal(t, []int32{1, 12, -1, 1}, keysOf(j.Entries()), "0 is no key")
	assert.Equal(t, int32(2), j.NextKey())
}

func TestHistoryIsReadByKey(t *testing.T) {
	j := journal.New(journal.Settings{})
	j.Append(at(1, 9), at(7, 1), at(4, 5), at(-3, 2), at(9, 0))
	all := types.EventFilterSpec{}
	j.SetStalled(true) // which does not matter here
	assert.Equal(t, []int32{4, 7}, keysOf(j.ByKey(all, 1, journal.Newer, 2)))
	assert.Equal(t, []int32{9}, keysOf(j.ByKey(all, 7, journal.Newer, 5)))
	assert.Equal(t, []int32{4, 1, -3}, keysOf(j.ByKey(all, 7, journal.Older, 5)))
	assert.Empty(t, j.ByKey(all, 9, journal.Newer, 5))
	assert.Empty(t, j.ByKey(types.EventFilterSpec{EventTypeId: []string{"HostEvent"}}, 0, journal.Newer, 5))

	j.Hide(func(e types.BaseEvent) bool { return e.GetEvent().Key == 4 }, journal.Passes)
	assert.Equal(t, []int32{7}, keysOf(j.ByKey(all, 1, journal.Newer, 1)))
	j.SetHiding(journal.Sticks)
	assert.Empty(t, j.ByKey(all, 1, journal.Newer, 1))
}

func TestAMalformedEventIsAnEventButForItsXML(t *testing.T) {
	j := journal.New(journal.Settings{Now: func() time.Time { return noon }})
	j.Append(journal.NewMalformed("GeneralEvent", types.Event{}), journal.NewFuture("WarpEvent", types.Event{}, "<warp>9</warp>"))
	malformed, future := j.Entries()[0], j.Entries()[1]
	assert.Equal(t, []int32{1, 2}, keysOf(j.Entries()))
	assert.Equal(t, noon, malformed.Created())
	require.Error(t, xml.Unmarshal([]byte("<e>"+string(malformed.XML())+"</e>"), new(struct{})))
	require.NoError(t, xml.Unmarshal([]byte("<e>"+string(future.XML())+"</e>"), new(struct{})))
	assert.Contains(t, string(future.XML()), "<key>2</key>")
	assert.Contains(t, string(malformed.XMLWithoutMessage()), "<key>1</key>")
}

func TestWhatAJudgeHasToKnow(t *testing.T) {
	vcenter := noon
	j := journal.New(journal.Settings{Now: func() time.Time { return vcenter }})
	keyless, err := journal.NewRaw("GeneralEvent", `<message>x</message><arguments><key>1</key></arguments>`)
	require.NoError(t, err)
	j.Append(at(1, 1), journal.Hidden{BaseEvent: at(2, 2)}, keyless, journal.NewMalformed("GeneralEvent", types.Event{Key: 5}))
	begun := time.Now()
	assert.Equal(t, 1, j.PruneKeysBefore(2)-1, "the first, and the one without a key")
	facts, forgotten := j.Facts()
	assert.Zero(t, forgotten)
	require.Len(t, facts, 4)

	assert.Equal(t, []uint64{1, 2, 3, 4}, []uint64{facts[0].Seq, facts[1].Seq, facts[2].Seq, facts[3].Seq})
	assert.Equal(t, []any{int32(1), noon.Add(time.Second).UnixMilli(), "VmPoweredOnEvent", "VmPoweredOnEvent", noon},
		[]any{facts[0].Key, facts[0].CreatedMS, facts[0].Class, facts[0].TypeID, facts[0].Clock})
	assert.WithinDuration(t, begun, facts[0].Inserted, time.Minute)
	assert.WithinDuration(t, begun, facts[0].Pruned, time.Minute)
	assert.Equal(t, []bool{false, true, false, false}, []bool{facts[0].Hidden, facts[1].Hidden, facts[2].Hidden, facts[3].Hidden})
	assert.True(t, facts[1].Pruned.IsZero())
	assert.True(t, facts[2].Keyless && facts[2].Untimed && !facts[2].Malformed)
	assert.Equal(t, `<message>x</message><arguments><key>1</key></arguments>`, facts[2].XML)
	assert.True(t, facts[3].Malformed && !facts[3].Keyless)
}

func TestHidingsHaveNames(t *testing.T) {
	for _, h := range []journal.Hiding{journal.Passes, journal.Sticks} {
		parsed, err := journal.ParseHiding(h.String())
		require.NoError(t, err)
		assert.Equal(t, h, parsed)
	}
	_, err := journal.ParseHiding("perhaps")
	require.Error(t, err)
}

func TestOrdersHaveNames(t *testing.T) {
	for _, o := range []journal.Order{journal.Insertion, journal.Creation} {
		parsed, err := journal.ParseOrder(o.String())
		require.NoError(t, err)
		assert.Equal(t, o, parsed)
	}
	_, err := journal.ParseOrder("random")
	require.Error(t, err)
}

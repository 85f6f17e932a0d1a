package translate

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// stories are the folders with answers of WaitForUpdatesEx to come after testdata/inventory.xml, and logs.yaml with the
// records of the changes that they mean.
func stories(t testing.TB) []string {
	all, err := filepath.Glob("testdata/changes/*")
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// answersOf are the answers of a story.
func answersOf(t testing.TB, story string) (all [][]byte) {
	files, err := filepath.Glob(filepath.Join(story, "*.xml"))
	require.NoError(t, err)
	for _, file := range files {
		all = append(all, readFile(t, file))
	}
	return all
}

func setAt(step int, origin string) ChangeSet {
	read := testRead.Add(time.Duration(step) * time.Second)
	return ChangeSet{ID: fmt.Sprintf("%d-%d", read.UnixMilli(), step), Origin: origin, Read: read}
}

// play tells a story: the records of each of its sets. That of a resume happened while nobody looked.
func play(t testing.TB, story string) plog.Logs {
	e, origin, all := testEstate(t), OriginLive, plog.NewLogs()
	if filepath.Base(story) == "resume" {
		e.restart(t, e.state)
		origin = OriginResume
	}
	for i, answer := range answersOf(t, story) {
		require.NoError(t, e.read(t, answer))
		changes := e.news()
		logs, n := ChangeBatch(testSource, setAt(i+1, origin), changes, 1<<20)
		require.Len(t, changes, n, story)
		logs.ResourceLogs().MoveAndAppendTo(all.ResourceLogs())
	}
	return all
}

func TestChangeRecords(t *testing.T) {
	for _, story := range stories(t) {
		t.Run(filepath.Base(story), func(t *testing.T) {
			assertGolden(t, filepath.Join(story, "logs.yaml"), play(t, story))
		})
	}
}

func TestRedeliveredChangeHasTheSameBytes(t *testing.T) {
	for _, story := range stories(t) {
		assert.Equal(t, marshal(t, play(t, story)), marshal(t, play(t, story)), story)
	}
}

func TestChangeRecordsAreInBounds(t *testing.T) {
	for _, story := range stories(t) {
		for _, record := range allRecords(play(t, story)) {
			checkChange(t, record)
		}
	}
}

// In one stream with events, a change that is stamped with the present makes Loki refuse a catch-up.
func TestChangesAreAStreamOfTheirOwn(t *testing.T) {
	logs := play(t, "testdata/changes/power")
	service, _ := logs.ResourceLogs().At(0).Resource().Attributes().Get(attrServiceName)
	assert.Equal(t, "vcenter.inventory", service.Str())
	refused := RefusedRecords(testSource.Inventory(), testRefusals, testRead)
	assert.Equal(t, logs.ResourceLogs().At(0).Resource(), refused.ResourceLogs().At(0).Resource())
}

func TestSecretPropertyDoesNotLeave(t *testing.T) {
	logs := play(t, "testdata/changes/custom-attribute")
	assert.NotContains(t, string(marshal(t, logs)), "SECRET")
	var bodies []string
	for _, record := range allRecords(logs) {
		bodies = append(bodies, record.Body().Str())
	}
	assert.Contains(t, bodies, "VirtualMachine web-01: customValue[root password] changed")
	assert.Contains(t, string(readFile(t, "testdata/changes/custom-attribute/1.xml")), "SECRET", "it must have been there")
}

// manyChanges are as many, of different lengths.
func manyChanges(n int) []inventory.Change {
	all := make([]inventory.Change, n)
	for i := range all {
		moref := fmt.Sprintf("vm-%d", i)
		all[i] = inventory.Change{
			Type: inventory.Created, UID: fmt.Sprintf("%032x", i),
			Entity: inventory.Entity{Type: "VirtualMachine", Moref: moref, Name: strings.Repeat("x", i%80), Path: "/Berlin/vm/" + moref},
		}
	}
	return all
}

func TestChangeBatchStaysBelowItsLimit(t *testing.T) {
	changes, set := manyChanges(500), setAt(1, OriginLive)
	for _, limit := range []int{1, 1 << 10, 5000, 64 << 10, 64 << 20} {
		var uids []string
		for rest := changes; len(rest) > 0; {
			logs, n := ChangeBatch(testSource, set, rest, limit)
			require.Positive(t, n)
			require.Equal(t, n, logs.LogRecordCount())
			if n > 1 {
				require.LessOrEqual(t, len(marshal(t, logs)), limit)
			}
			for _, record := range allRecords(logs) {
				uids = append(uids, UID(record))
			}
			rest = rest[n:]
		}
		require.Len(t, uids, len(changes))
		for i := range changes {
			require.Equal(t, changes[i].UID, uids[i], "order")
		}
	}
	logs, n := ChangeBatch(testSource, set, nil, 1)
	assert.Zero(t, n)
	assert.Zero(t, logs.ResourceLogs().Len())
}

func TestChangePayloadIsBuiltAnew(t *testing.T) {
	payload, n := ChangePayload(testSource, setAt(1, OriginLive), manyChanges(20), 4<<10)
	require.Positive(t, n)
	require.Less(t, n, 20)
	first := marshal(t, payload())
	for range 2 {
		logs := payload()
		assert.Equal(t, first, marshal(t, logs))
		allRecords(logs)[0].Body().SetStr("changed")
	}
}

func TestEndlessChangeIsCut(t *testing.T) {
	long := strings.Repeat("é", 50<<10)
	place := inventory.Place{Name: long, Moref: long}
	logs, n := ChangeBatch(testSource, ChangeSet{ID: "set", Origin: OriginLive, Read: testRead}, []inventory.Change{{
		Type: inventory.Changed, UID: strings.Repeat("0", 32), Property: long, Old: long, New: long,
		Entity: inventory.Entity{Type: "VirtualMachine", Moref: "vm-1", Name: long, Path: long, Datacenter: place, Cluster: place, Host: place, InstanceUUID: long},
	}}, 1)
	require.Equal(t, 1, n)
	record := allRecords(logs)[0]
	checkChange(t, record)
	assert.Equal(t, strings.Repeat("0", 32), UID(record))
	for _, name := range []string{attrPropertyName, attrPropertyOld, attrPropertyNew, attrObjectPath, attrVMID, kinds[host].moref} {
		_, has := record.Attributes().Get(name)
		assert.True(t, has, name)
	}
}

func TestChangeRecordHasNoAttributeBesideTheTable(t *testing.T) {
	met := map[string]bool{}
	for _, story := range stories(t) {
		for _, record := range allRecords(play(t, story)) {
			assertOrder(t, ChangeAttributes, namesOf(record), met)
		}
	}
	assert.Len(t, met, len(ChangeAttributes), "testdata shows every attribute")
}

// namesOf are the names of a record's attributes, in their order.
func namesOf(record plog.LogRecord) (names []string) {
	for name := range record.Attributes().All() {
		names = append(names, name)
	}
	return names
}

// assertOrder wants no names but those of a table, in its order, and notes which it meets.
func assertOrder(t *testing.T, table []Attribute, names []string, met map[string]bool) {
	t.Helper()
	last := -1
	for _, name := range names {
		position := slices.IndexFunc(table, func(a Attribute) bool { return a.is(name) })
		if assert.GreaterOrEqual(t, position, 0, "%s is not in the table", name) {
			assert.GreaterOrEqual(t, position, last, "%s is out of order", name)
			last = position
			met[table[position].Name] = true
		}
	}
}

// is reports whether a line of a table tells of an attribute: vcenter.inventory.count.<type> of all that begin so.
func (a Attribute) is(name string) bool {
	prefix, _, family := strings.Cut(a.Name, "<")
	return name == a.Name || family && strings.HasPrefix(name, prefix)
}

// checkChange wants what every record of a change has.
func checkChange(t testing.TB, record plog.LogRecord) {
	t.Helper()
	checkCounted(t, record, attrChangeDropped)
	checkText(t, record)
	assert.Equal(t, plog.SeverityNumberInfo, record.SeverityNumber())
	assert.Equal(t, record.Timestamp(), record.ObservedTimestamp())
	kind, _ := record.Attributes().Get(attrChangeType)
	assert.Equal(t, "vcenter.inventory."+kind.Str(), record.EventName())
	assert.NotEmpty(t, record.Body().Str())
}

// What a custom attribute was called decides whether its values are secrets. Where that is not known, they may be.
func TestAnAttributeWithoutAKnownNameDoesNotLeave(t *testing.T) {
	changes := []inventory.Change{{Property: "customValue[105]", Old: "SECRET", New: "SECRET, too", Unnamed: true}}
	logs, _ := ChangeBatch(testSource, ChangeSet{ID: "1"}, changes, 1<<20)
	assert.NotContains(t, string(marshal(t, logs)), "SECRET")
	assert.Contains(t, allRecords(logs)[0].Body().Str(), "customValue[105] changed")
}

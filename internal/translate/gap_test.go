package translate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var testGap = Gap{
	From:   time.Date(2026, time.November, 14, 9, 30, 0, 123456000, time.UTC),
	To:     time.Date(2026, time.November, 15, 10, 0, 0, 0, time.UTC),
	Reason: GapMaxAge,
}

func TestGapRecord(t *testing.T) {
	actual := GapRecord(testSource, testGap)
	assertGolden(t, "testdata/gap.yaml", actual)
	assert.Equal(t, marshal(t, actual), marshal(t, GapRecord(testSource, testGap)), "built again")
}

// A gap from the beginning of the history has no time at which it begins: Go's zero time would be the year 1.
func TestGapFromTheBeginning(t *testing.T) {
	gap := testGap
	gap.From = time.Time{}
	record := allRecords(GapRecord(testSource, gap))[0]
	_, has := record.Attributes().Get(attrGapFrom)
	assert.False(t, has)
	assert.Equal(t, "Events from the beginning of the history to 2026-11-15T10:00:00.000Z were not delivered (max_age)", record.Body().Str())
	uid, _ := record.Attributes().Get(attrUID)
	assert.Equal(t, testSource.InstanceUUID+":gap:0:max_age", uid.Str())
}

func TestGapRecordHasTheAttributesOfItsTable(t *testing.T) {
	var told []string
	for name := range allRecords(GapRecord(testSource, testGap))[0].Attributes().All() {
		told = append(told, name)
	}
	var want []string
	for _, a := range GapAttributes {
		want = append(want, a.Name)
	}
	assert.Equal(t, want, told)
}

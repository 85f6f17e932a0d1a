package translate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testSyncedUID = "7c1d2a30-93f5-4a4e-8f0e-2b8b1f3d5c11:inventory:8f3b0c52d1e49a67"

func TestSyncedRecord(t *testing.T) {
	counts := testEstate(t).cache.Snapshot().Counts()
	logs := Synced(testSource, counts, testSyncedUID, testRead)
	assertGolden(t, "testdata/synced.yaml", logs)
	for range 20 { // a map has no order
		assert.Equal(t, marshal(t, logs), marshal(t, SyncedPayload(testSource, counts, testSyncedUID, testRead)()), "built again")
	}
	record := allRecords(logs)[0]
	checkChange(t, record)
	met := map[string]bool{}
	assertOrder(t, SyncedAttributes, namesOf(record), met)
	assert.Len(t, met, len(SyncedAttributes))
}

// A vCenter has a dozen types of objects. Whatever it tells, the record is in bounds.
func TestInventoryOfTooManyTypesIsCut(t *testing.T) {
	counts := map[string]int{}
	for i := range 500 {
		counts[fmt.Sprintf("Type%03d%s", i, strings.Repeat("x", 300))] = i
	}
	record := allRecords(Synced(testSource, counts, testSyncedUID, testRead))[0]
	checkChange(t, record)
	require.Equal(t, testSyncedUID, UID(record))
	total, _ := record.Attributes().Get(attrInventoryTotal)
	assert.EqualValues(t, 500*499/2, total.Int())
}

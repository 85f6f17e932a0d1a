package translate

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var (
	testRefusals = []Refusal{
		{UID: testSource.InstanceUUID + ":184501:1795255200123", Reason: "responded with HTTP Status Code 413"},
		{UID: testSource.InstanceUUID + ":184502:1795255200124", Reason: strings.Repeat("long ", 2000)},
	}
	testAccepted = time.Date(2026, time.November, 21, 10, 0, 0, 123456000, time.UTC)
)

func TestRefusedRecords(t *testing.T) {
	actual := RefusedRecords(testSource, testRefusals, testAccepted)
	assertGolden(t, "testdata/refused.yaml", actual)
	assert.Equal(t, marshal(t, actual), marshal(t, RefusedPayload(testSource, testRefusals, testAccepted)()), "built again")
}

func TestRefusedRecordHasTheAttributesOfItsTable(t *testing.T) {
	var told []string
	for name := range allRecords(RefusedRecords(testSource, testRefusals, testAccepted))[0].Attributes().All() {
		told = append(told, name)
	}
	var want []string
	for _, a := range RefusedAttributes {
		want = append(want, a.Name)
	}
	assert.Equal(t, want, told)
}

func TestARecordIsIdentifiedByItsUID(t *testing.T) {
	record := allRecords(RefusedRecords(testSource, testRefusals, testAccepted))[0]
	assert.Equal(t, testRefusals[0].UID+":refused", UID(record))
	record.Attributes().Remove(attrUID)
	assert.Empty(t, UID(record))
}

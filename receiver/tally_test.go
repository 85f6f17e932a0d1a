package receiver

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
)

// Whoever posts events of ever new types makes no more series than there may be; and another vCenter begins at 0.
func TestATallyIsBounded(t *testing.T) {
	var counted tally
	var kinds []translate.EventKind
	for i := range 2 * maxKinds {
		kinds = append(kinds, translate.EventKind{Type: fmt.Sprint(i), Severity: "INFO"})
	}
	counted.add("one", slices.Values(kinds))
	counted.add("one", slices.Values(kinds[:1]))
	all := counted.of("one")
	assert.Len(t, all, maxKinds+1)
	assert.EqualValues(t, 2, all[kinds[0]])
	assert.EqualValues(t, maxKinds, all[translate.EventKind{Type: otherType, Severity: "INFO"}])
	assert.Empty(t, counted.of("another"))
	counted.add("another", slices.Values(kinds[:1]))
	assert.Empty(t, counted.of("one"))
	assert.EqualValues(t, 1, counted.of("another")[kinds[0]])
}

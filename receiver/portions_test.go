package receiver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Metrics come in payloads that back ends take, each object whole and in one of them, also one that is larger by itself; and what is
// refused costs no other.
func TestALargeCollectionComesInPortions(t *testing.T) {
	const objects = 1500
	all := pmetric.NewMetrics()
	for i := range objects {
		size := 4 << 10
		if i == objects/2 {
			size = 2 * payloadLimit
		}
		resource := all.ResourceMetrics().AppendEmpty()
		resource.Resource().Attributes().PutInt("object", int64(i))
		resource.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty().SetDescription(strings.Repeat("x", size))
	}
	var sizer pmetric.ProtoMarshaler
	var found, payloads, large int
	next, err := consumer.NewMetrics(func(_ context.Context, some pmetric.Metrics) error {
		for _, resource := range some.ResourceMetrics().All() {
			object, _ := resource.Resource().Attributes().Get("object")
			require.EqualValues(t, found, object.Int())
			found++
		}
		if sizer.MetricsSize(some) > payloadLimit+payloadLimit/100 {
			large++
			assert.Equal(t, 1, some.ResourceMetrics().Len())
		}
		payloads++
		return fmt.Errorf("payload %d: %w", payloads, errors.ErrUnsupported)
	})
	require.NoError(t, err)
	err = portions{next}.ConsumeMetrics(t.Context(), all)
	assert.ErrorContains(t, err, "payload 2")
	assert.Equal(t, objects, found)
	assert.Equal(t, 1, large)
	assert.Greater(t, payloads, 3)
	require.NoError(t, portions{next}.ConsumeMetrics(t.Context(), pmetric.NewMetrics()), "nothing is not handed on")
}

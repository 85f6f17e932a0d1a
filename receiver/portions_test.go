package receiver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// vCenter has the time that the user says to answer a collection, however long; else the interval, between ten seconds and a minute.
func TestHowLongVCenterHasToAnswerACollection(t *testing.T) {
	for _, tt := range []struct{ timeout, interval, want time.Duration }{
		{0, time.Minute, time.Minute}, {0, time.Hour, time.Minute}, {0, 30 * time.Second, 30 * time.Second}, {0, time.Second, 10 * time.Second},
		{3 * time.Minute, time.Minute, 3 * time.Minute}, {time.Second, time.Minute, time.Second},
	} {
		s := scraping{}
		s.settings.Metrics.Controller.Timeout, s.settings.Metrics.Controller.CollectionInterval = tt.timeout, tt.interval
		assert.Equal(t, tt.want, s.patience(), "%+v", tt)
	}
}

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
		metric := resource.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
		metric.SetDescription(strings.Repeat("x", size))
		metric.SetEmptyGauge().DataPoints().AppendEmpty()
	}
	var sizer pmetric.ProtoMarshaler
	var found, payloads, large, inSecond int
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
		if payloads != 2 {
			return nil
		}
		inSecond = some.DataPointCount()
		return fmt.Errorf("payload %d: %w", payloads, errors.ErrUnsupported)
	})
	require.NoError(t, err)
	points := all.DataPointCount()
	lost := -1
	told := func(n int, err error) {
		lost = n
		assert.True(t, n > 0 == (err != nil))
	}
	err = portions{next, t.Context(), told}.ConsumeMetrics(t.Context(), all)
	assert.ErrorContains(t, err, "payload 2")
	assert.Equal(t, inSecond, lost, "and no more")
	assert.Greater(t, points, lost)
	assert.Equal(t, objects, found)
	assert.Equal(t, 1, large)
	assert.Greater(t, payloads, 3)
	require.NoError(t, portions{next, t.Context(), told}.ConsumeMetrics(t.Context(), pmetric.NewMetrics()), "nothing is not handed on")
	assert.Zero(t, lost)
}

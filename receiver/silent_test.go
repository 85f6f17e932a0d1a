package receiver

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// Where nobody listens, telling of a page, a batch and a call costs next to nothing.
func TestTellingNobodyIsCheap(t *testing.T) {
	own := newOwnTelemetry(t)
	page := func() {
		ctx, span := own.beginRoot(context.Background(), "page")
		own.paged(1000, 10, 10)
		end(span, nil)
		_, span = own.beginRoot(ctx, "deliver")
		own.settled(1000, 0)
		own.committed(time.Millisecond, nil)
		own.called(vsphere.Exchange{Method: "ReadNextEvents", Sent: 1000, Received: 1 << 20})
		end(span, nil)
	}
	assert.Less(t, testing.AllocsPerRun(100, page), 40.0, "a page of 1,000 events costs some thousands")
}

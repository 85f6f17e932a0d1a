package receiver_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/simulator"
)

// The other vCenter that can be had: govmomi's own, as it is. It has its own property collector, filters and cursors,
// and claims to be a 6.5.
func TestAgainstStockVcsim(t *testing.T) {
	model := simulator.VPX()
	require.NoError(t, model.Create())
	t.Cleanup(model.Remove)
	server := model.Service.NewServer()
	t.Cleanup(server.Close)

	l := newLab(t, byInsertion)
	endpoint := *server.URL
	endpoint.User = nil
	l.settings.Endpoint = &endpoint
	r := l.fromTheBeginning().start()
	eventually(t, "the events of making the inventory", func() bool { return l.sink.count() >= 30 })
	eventually(t, "status OK", l.host.ok)
	l.committed()
	before := l.sink.count()
	require.NoError(t, r.receiver.Shutdown(context.Background()))
	r.once.Do(func() {})

	l.start()
	eventually(t, "the login of the second start", func() bool { return l.sink.count() > before })
	assert.Empty(t, l.repeated())
}

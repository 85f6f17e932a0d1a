package receiver_test

import (
	"context"
	"os"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/extensiontest"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	vcreceiver "github.com/vcenterstream/vcenterstreamreceiver/receiver"
)

// open is how many files and connections this process has.
func open(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(files)
}

// Each start opens a file of the storage extension and connections to vCenter. What one of them leaves open adds up, until a
// collector that is reconfigured at times may open no more. It runs alone: others open files, too.
func TestStartsAndStopsLeaveNoFileOpen(t *testing.T) {
	l := assemble(t, simulator.Settings{})
	factory := filestorage.NewFactory()
	config := factory.CreateDefaultConfig().(*filestorage.Config)
	config.Directory = t.TempDir()
	storage, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), config)
	require.NoError(t, err)
	require.NoError(t, storage.Start(t.Context(), componenttest.NewNopHost()))
	l.host.extensions = map[component.ID]component.Component{*l.settings.Storage: storage}
	cycle := func() {
		r := vcreceiver.New(l.settings)
		require.NoError(t, r.Start(context.Background(), l.host))
		l.append(1)
		l.wantAll()
		require.NoError(t, r.Shutdown(context.Background()))
	}
	l.fromTheBeginning()
	cycle()
	before := open(t)
	const cycles = 50
	for range cycles {
		cycle()
	}
	// The simulated vCenter and the proxy keep some connections between them, now more, now fewer.
	eventually(t, "hardly more files than before", func() bool { return open(t) < before+cycles/5 })
	require.NoError(t, storage.Shutdown(t.Context()))
}

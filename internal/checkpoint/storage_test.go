package checkpoint

import (
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensiontest"
)

func TestOpenStorageSaysWhatIsMissing(t *testing.T) {
	id := component.MustNewIDWithName("file_storage", "x")
	receiver := component.MustNewID("some")
	tests := []struct {
		name string
		host component.Host
		want string
	}{
		{"not configured", componenttest.NewNopHost(), `storage: extension "file_storage/x" is not configured under service::extensions`},
		{"something else", hostWith(id, struct{ component.Component }{}), `storage: extension "file_storage/x" is not a storage extension`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := OpenStorage(t.Context(), tt.host, &id, receiver)
			assert.EqualError(t, err, tt.want)
		})
	}
}

// file_storage allows one client per receiver.
func TestAllStreamsShareOneClient(t *testing.T) {
	f := newFake()
	s := f.open(t)
	for _, key := range []string{"v1/events/a", "v1/tasks/a"} {
		_, _, err := Open(t.Context(), s, key, codecV2(), coldStart)
		require.NoError(t, err)
	}
	assert.True(t, s.Durable())
	assert.Equal(t, 1, f.clients)
	assert.Equal(t, component.MustNewID("some"), f.id)
	assert.Empty(t, f.name)
	require.NoError(t, s.Close(t.Context()))
	assert.True(t, f.closed)
}

func TestWithoutStorageRecordsAreKeptInMemory(t *testing.T) {
	s, err := OpenStorage(t.Context(), componenttest.NewNopHost(), nil, component.MustNewID("some"))
	require.NoError(t, err)
	assert.False(t, s.Durable())
	store, opened := open(t, s, coldStart)
	assert.Equal(t, Cold, opened.Origin)
	commit(t, store, at("one", "a", "1", "b", "2"))
	commit(t, store, at("two", "a", "1"))
	_, opened = open(t, s, never(t))
	assert.Equal(t, Opened[position]{Position: at("two", "a", "1"), Origin: Resumed}, opened)
	require.NoError(t, s.Close(t.Context()))
	assert.ErrorIs(t, store.Commit(t.Context(), proof(t, at("three"))), errClosed)
}

// files starts the real file_storage extension in a folder.
func files(t *testing.T, folder string) (component.Host, *component.ID) {
	t.Helper()
	factory := filestorage.NewFactory()
	config := factory.CreateDefaultConfig().(*filestorage.Config)
	config.Directory = folder
	started, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), config)
	require.NoError(t, err)
	require.NoError(t, started.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { assert.NoError(t, extension.Extension(started).Shutdown(t.Context())) })
	id := component.NewID(factory.Type())
	return hostWith(id, started), &id
}

func TestFileStorageResumesAfterClose(t *testing.T) {
	folder, receiver := t.TempDir(), component.MustNewIDWithName("some", "dc1")
	host, id := files(t, folder)
	s, err := OpenStorage(t.Context(), host, id, receiver)
	require.NoError(t, err)
	store, opened := open(t, s, coldStart)
	assert.Equal(t, Cold, opened.Origin)
	commit(t, store, at("one", "a", "1", "b", "2", "empty", ""))
	commit(t, store, at("two", "b", "3", "empty", ""))

	_, err = OpenStorage(t.Context(), host, id, receiver)
	require.Error(t, err, "a second client of the same receiver")
	require.NoError(t, s.Close(t.Context()))
	require.Error(t, store.Commit(t.Context(), proof(t, at("three"))), "after Close")

	host, id = files(t, folder)
	s, err = OpenStorage(t.Context(), host, id, receiver)
	require.NoError(t, err)
	store, opened = open(t, s, never(t))
	assert.Equal(t, Opened[position]{Position: at("two", "b", "3", "empty", ""), Origin: Resumed}, opened)
	commit(t, store, at("three"))
	require.NoError(t, s.Close(t.Context()))
}

func TestFileStorageForgetsThePartsOfADamagedRecord(t *testing.T) {
	host, id := files(t, t.TempDir())
	s, err := OpenStorage(t.Context(), host, id, component.MustNewID("some"))
	require.NoError(t, err)
	store, _ := open(t, s, coldStart)
	commit(t, store, at("one", "a", "1"))
	require.NoError(t, s.client.Set(t.Context(), testKey, []byte("ckpt garbage")))
	_, opened := open(t, s, coldStart)
	assert.Equal(t, Damaged, opened.Origin)
	part, err := s.client.Get(t.Context(), partKey(testKey, "a"))
	require.NoError(t, err)
	assert.Nil(t, part)
	kept, err := s.client.Get(t.Context(), badKey(testKey, 0))
	require.NoError(t, err)
	assert.Equal(t, "ckpt garbage", string(kept))
	require.NoError(t, s.Close(t.Context()))
}

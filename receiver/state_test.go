package receiver_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	vcreceiver "github.com/vcenterstream/vcenterstreamreceiver/receiver"
)

// Without a storage extension the receiver works, and warns once.
func TestNoStorage(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Storage = nil
	l.start()
	l.pinned()
	l.append(10)
	l.wantEachOnce()
	l.sim.KillSessions()
	l.append(10)
	l.wantEachOnce()
	assert.Equal(t, 1, l.logs.FilterLevelExact(zap.WarnLevel).FilterMessageSnippet("no storage extension").Len())
}

// A storage extension that is not there is an error of the configuration, by name.
func TestStorageThatIsNotConfigured(t *testing.T) {
	l := newLab(t, byInsertion)
	id := component.MustNewID("elsewhere")
	l.settings.Storage = &id
	r := vcreceiver.New(l.settings)
	err := r.Start(context.Background(), l.host)
	require.ErrorContains(t, err, "elsewhere")
	require.NoError(t, r.Shutdown(context.Background()))
}

// A full disk holds the stream, is told, and is tried until it works; what was accepted is not doubled.
func TestAFullDiskHoldsTheStream(t *testing.T) {
	l := newLab(t, byInsertion)
	l.disk.obey(func(int) error { return errDisk })
	l.start()
	eventually(t, "the reason", func() bool { return l.host.last() != nil && strings.Contains(l.host.last().Error(), errDisk.Error()) })
	assert.Zero(t, l.sink.count(), "not even the pin is stored")
	l.disk.obey(nil)
	l.pinned()
	l.append(10)
	l.wantEachOnce()
}

// A record that does not decode is kept aside and told, and the start is a cold one.
func TestACorruptedRecord(t *testing.T) {
	l := newLab(t, byInsertion)
	r := l.start()
	l.pinned()
	l.append(10)
	l.wantEachOnce()
	r.stop()
	key := "v1/events/" + l.sim.InstanceUUID()
	bad := append([]byte(nil), l.disk.content[key]...)
	bad[len(bad)/2] ^= 0xff
	l.disk.content[key] = bad
	l.start()
	l.pinned()
	l.append(10)
	l.wantAll()
	assert.Equal(t, 1, l.logs.FilterLevelExact(zap.ErrorLevel).FilterMessageSnippet("damaged").Len())
	kept := false
	for key, value := range l.disk.bytes() {
		kept = kept || strings.HasPrefix(key, "v1/bad/") && string(value) == string(bad)
	}
	assert.True(t, kept)
}

// No secret in the log, in a status or in storage.
func TestNoSecretIsTold(t *testing.T) {
	l := newLab(t, byInsertion)
	r := l.start()
	l.pinned()
	l.append(10)
	l.wantEachOnce()
	l.sim.KillSessions()
	l.append(10)
	l.wantEachOnce()
	r.stop()
	for key, value := range l.disk.bytes() {
		assert.NotContains(t, key+string(value), password)
	}
	for _, entry := range l.logs.All() {
		assert.NotContains(t, entry.Message, password)
		for _, value := range entry.ContextMap() {
			assert.NotContains(t, fmt.Sprint(value), password)
		}
	}
}

// With one, there is nothing to warn of.
func TestStorageIsNoReasonToWarn(t *testing.T) {
	l := newLab(t, byInsertion)
	l.start()
	l.pinned()
	assert.Zero(t, l.logs.FilterLevelExact(zap.WarnLevel).FilterMessageSnippet("no storage extension").Len())
}

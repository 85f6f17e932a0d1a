package vcenterstreamreceiver

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// FuzzConfig reads any text as the block of a receiver: what is refused is refused with the name of a key, and what is accepted
// makes a receiver, and is the same when it is told and read again.
func FuzzConfig(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("testdata", "config.yaml"))
	require.NoError(f, err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		read, err := confmap.NewRetrievedFromYAML(text)
		if err != nil {
			return
		}
		conf, err := read.AsConf()
		if err != nil {
			return // no map at all: the collector says so itself
		}
		for _, values := range []map[string]any{conf.ToStringMap(), valid(conf.ToStringMap())} {
			cfg, err := load(t, values)
			if err != nil {
				requireKey(t, conf, err)
				continue
			}
			logs, err := createLogs(t.Context(), receivertest.NewNopSettings(metadata.Type), cfg, consumertest.NewNop())
			require.NoError(t, err)
			require.NoError(t, logs.Shutdown(t.Context()))
			requireSameAgain(t, cfg)
		}
	})
}

// requireKey wants an error to name a key: one that was written, or that should have been.
func requireKey(t *testing.T, written *confmap.Conf, err error) {
	t.Helper()
	known := tell(t, createDefaultConfig().(*Config)).AllKeys()
	for _, path := range slices.Concat(written.AllKeys(), known) {
		for key := range strings.SplitSeq(path, confmap.KeyDelimiter) {
			if strings.Contains(err.Error(), key) {
				return
			}
		}
	}
	t.Fatalf("no key is named: %v", err)
}

// tell is the configuration as the collector tells it to those who ask.
func tell(t *testing.T, cfg *Config) *confmap.Conf {
	t.Helper()
	conf := confmap.New()
	require.NoError(t, conf.Marshal(cfg))
	return conf
}

func requireSameAgain(t *testing.T, cfg *Config) {
	t.Helper()
	told := tell(t, cfg).ToStringMap()
	values := tell(t, cfg).ToStringMap()
	values["password"] = string(cfg.Password) // which is not told
	again, err := load(t, values)
	require.NoError(t, err)
	require.Equal(t, told, tell(t, again).ToStringMap())
}

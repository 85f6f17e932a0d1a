package vcenterstreamreceiver

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/receiver"

	vcreceiver "github.com/vcenterstream/vcenterstreamreceiver/receiver"
)

// instance is the one receiver of a configuration. The collector asks for one in each kind of pipelines, starts and stops each of
// them, and they are the same: one session with vCenter, and one inventory in memory.
type instance struct {
	receiver *vcreceiver.Receiver
	forget   func()

	starting sync.Mutex // guards the field below
	started  bool
	stop     sync.Once
}

// Start starts the receiver the first time. Then all consumers are known, for the collector makes all components first.
func (i *instance) Start(ctx context.Context, host component.Host) error {
	i.starting.Lock()
	defer i.starting.Unlock()
	if i.started {
		i.receiver.Join(host)
		return nil
	}
	if err := i.receiver.Start(ctx, host); err != nil {
		return err
	}
	i.started = true
	return nil
}

// Shutdown stops the receiver the first time.
func (i *instance) Shutdown(ctx context.Context) (err error) {
	i.stop.Do(func() {
		i.forget()
		err = i.receiver.Shutdown(ctx)
	})
	return err
}

// instances are the receivers that there are, by their configurations: the collector hands the same one to each kind of pipelines.
var instances = registry{of: map[*Config]*instance{}}

type registry struct {
	mu sync.Mutex // guards the field below
	of map[*Config]*instance
}

// use makes the receiver of a configuration, or finds it, and tells it whom it is for.
func (r *registry) use(set receiver.Settings, cfg *Config, deliver func(*vcreceiver.Receiver)) (*instance, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.of[cfg]
	if i == nil {
		settings, err := cfg.settings()
		if err != nil {
			return nil, err
		}
		settings.ID = set.ID
		settings.Telemetry = set.TelemetrySettings
		settings.UserAgent = set.BuildInfo.Command + "/" + set.BuildInfo.Version
		settings.Version = set.BuildInfo.Version
		i = &instance{receiver: vcreceiver.New(settings), forget: func() { r.forget(cfg) }}
		r.of[cfg] = i
	}
	deliver(i.receiver)
	return i, nil
}

func (r *registry) forget(cfg *Config) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.of, cfg)
}

package checkpoint

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// Storage is the one storage client of a receiver instance; all its streams share it. file_storage locks a file per client: a
// second client of the same receiver would wait for the first and fail.
type Storage struct {
	client  storage.Client
	durable bool
}

// OpenStorage opens the storage extension that is called id, for a receiver. Without an id records are kept in memory until
// Close, and nothing is resumed after a restart.
func OpenStorage(ctx context.Context, host component.Host, id *component.ID, receiver component.ID) (*Storage, error) {
	if id == nil {
		return &Storage{client: newMemory()}, nil
	}
	found, ok := host.GetExtensions()[*id]
	if !ok {
		return nil, fmt.Errorf("storage: extension %q is not configured under service::extensions", id)
	}
	extension, ok := found.(storage.Extension)
	if !ok {
		return nil, fmt.Errorf("storage: extension %q is not a storage extension", id)
	}
	client, err := extension.GetClient(ctx, component.KindReceiver, receiver, "")
	if err != nil {
		return nil, fmt.Errorf("storage: open a client of extension %q: %w", id, err)
	}
	return &Storage{client: client, durable: true}, nil
}

// Durable reports whether records outlive the process.
func (s *Storage) Durable() bool { return s.durable }

// Close closes the client. Commits after it fail.
func (s *Storage) Close(ctx context.Context) error {
	if err := s.client.Close(ctx); err != nil {
		return fmt.Errorf("storage: close: %w", err)
	}
	return nil
}

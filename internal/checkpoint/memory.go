package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

var errClosed = errors.New("storage is closed")

// memory is the storage client where no extension is configured.
type memory struct {
	mu     sync.Mutex        // guards the field below
	values map[string][]byte // nil once closed
}

func newMemory() *memory { return &memory{values: map[string][]byte{}} }

func (m *memory) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := m.Batch(ctx, op)
	return op.Value, err
}

func (m *memory) Set(ctx context.Context, key string, value []byte) error {
	return m.Batch(ctx, storage.SetOperation(key, value))
}

func (m *memory) Delete(ctx context.Context, key string) error {
	return m.Batch(ctx, storage.DeleteOperation(key))
}

func (m *memory) Batch(_ context.Context, ops ...*storage.Operation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		return errClosed
	}
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value = bytes.Clone(m.values[op.Key])
		case storage.Set:
			m.values[op.Key] = append([]byte{}, op.Value...)
		case storage.Delete:
			delete(m.values, op.Key)
		}
	}
	return nil
}

func (m *memory) Close(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values = nil
	return nil
}

package receiver_test

import (
	"context"
	"errors"
	"maps"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// disk is a storage extension whose content outlives its clients, as a file does. Like file_storage it has
// one client at a time for a name.
type disk struct {
	component.StartFunc
	component.ShutdownFunc

	mu      sync.Mutex // guards the fields below
	content map[string][]byte
	open    int
	opened  int
	writes  int
	refuse  func(write int) error
}

func newDisk() *disk { return &disk{content: map[string][]byte{}} }

func (d *disk) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open > 0 {
		return nil, errors.New("timeout") // as file_storage says of a second client
	}
	d.open++
	d.opened++
	return &diskClient{disk: d}, nil
}

// obey sets what becomes of the writes from now on.
func (d *disk) obey(refuse func(write int) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse = refuse
}

// copy is the disk as a killed process leaves it.
func (d *disk) copy() *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &disk{content: maps.Clone(d.content)}
}

func (d *disk) clients() (open, opened int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open, d.opened
}

func (d *disk) written() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writes
}

func (d *disk) bytes() map[string][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.content)
}

type diskClient struct{ disk *disk }

func (c *diskClient) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := c.Batch(ctx, op)
	return op.Value, err
}

func (c *diskClient) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

func (c *diskClient) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

func (c *diskClient) Batch(ctx context.Context, ops ...*storage.Operation) error {
	if err := ctx.Err(); err != nil {
		return err // as a storage behind a network does
	}
	c.disk.mu.Lock()
	defer c.disk.mu.Unlock()
	if err := c.disk.allow(ops); err != nil {
		return err
	}
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value = c.disk.content[op.Key]
		case storage.Set:
			c.disk.content[op.Key] = append([]byte(nil), op.Value...)
		case storage.Delete:
			delete(c.disk.content, op.Key)
		}
	}
	return nil
}

// allow counts a transaction that writes, and refuses it by the script.
func (d *disk) allow(ops []*storage.Operation) error {
	for _, op := range ops {
		if op.Type == storage.Get {
			continue
		}
		d.writes++
		if d.refuse != nil {
			return d.refuse(d.writes)
		}
		return nil
	}
	return nil
}

func (c *diskClient) Walk(context.Context, storage.WalkFunc) error { return nil }

func (c *diskClient) Close(context.Context) error {
	c.disk.mu.Lock()
	defer c.disk.mu.Unlock()
	c.disk.open--
	return nil
}

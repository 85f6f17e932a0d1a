package checkpoint

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

const (
	badKept = 4       // damaged records of one key; the fifth pushes the oldest out
	badSize = 1 << 20 // of each: enough for somebody to see what happened to it
)

func badKey(key string, n int) string { return fmt.Sprintf("v1/bad/%s/%d", key, n) }

// keep gives the operations that put a damaged record before the ones that are kept already.
func keep(ctx context.Context, client storage.Client, key string, raw []byte) ([]*storage.Operation, error) {
	kept := make([]*storage.Operation, badKept-1)
	for n := range kept {
		kept[n] = storage.GetOperation(badKey(key, n))
	}
	if err := client.Batch(ctx, kept...); err != nil {
		return nil, fmt.Errorf("read damaged records kept before: %w", err)
	}
	ops := []*storage.Operation{storage.SetOperation(badKey(key, 0), raw[:min(len(raw), badSize)])}
	for n, older := range kept {
		if older.Value != nil {
			ops = append(ops, storage.SetOperation(badKey(key, n+1), older.Value))
		}
	}
	return ops, nil
}

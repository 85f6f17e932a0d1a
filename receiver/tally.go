package receiver

import (
	"iter"
	"maps"
	"sync"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
)

const (
	// maxKinds bounds of how many kinds events are counted apart: anybody may post events of types of his own.
	maxKinds = 1000

	// otherType is that of all events beyond.
	otherType = "_OTHER"
)

// tally counts the events of a vCenter that were delivered in the life of this process. Its zero value has counted nothing.
type tally struct {
	mu           sync.Mutex // guards the fields below
	instanceUUID string
	counts       map[translate.EventKind]int64
}

func (t *tally) add(instanceUUID string, kinds iter.Seq[translate.EventKind]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.instanceUUID != instanceUUID {
		t.instanceUUID, t.counts = instanceUUID, map[translate.EventKind]int64{}
	}
	for kind := range kinds {
		if _, known := t.counts[kind]; !known && len(t.counts) >= maxKinds {
			kind.Type = otherType
		}
		t.counts[kind]++
	}
}

// of is what was counted of a vCenter.
func (t *tally) of(instanceUUID string) map[translate.EventKind]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.instanceUUID != instanceUUID {
		return nil
	}
	return maps.Clone(t.counts)
}

package receiver

import (
	"context"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/tagging"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// tagReading reads the tags of the objects in the inventory that is watched, in the background. The same moref is another object in
// another vCenter, so that each has a Tagger of its own. A nil one knows no tags.
type tagReading struct {
	sessions *vsphere.Supervisor
	watch    *inventoryWatch
	logger   *zap.Logger

	running      sync.WaitGroup
	instanceUUID string // of the vCenter
	tagger       *tagging.Tagger
	listed       *inventory.Snapshot            // whose objects
	objects      []types.ManagedObjectReference // these are
}

func newTagReading(sessions *vsphere.Supervisor, watch *inventoryWatch, logger *zap.Logger) *tagReading {
	return &tagReading{sessions: sessions, watch: watch, logger: logger}
}

// meet begins with a vCenter, unless it is the one whose tags are read already.
func (t *tagReading) meet(ctx context.Context, instanceUUID string) {
	if t == nil || t.instanceUUID == instanceUUID {
		return
	}
	closing, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	t.close(closing)
	tagger := tagging.New(tagging.Settings{
		Sessions:     t.sessions,
		InstanceUUID: instanceUUID,
		Objects:      func() []types.ManagedObjectReference { return t.taggable(instanceUUID) },
		Logger:       t.logger,
	})
	t.instanceUUID, t.tagger = instanceUUID, tagger
	t.running.Go(func() { tagger.Run(context.Background()) }) // until it is closed
}

// taggable is called by one Tagger at a time. The list is made anew when the inventory has changed. There is none while that of another
// vCenter is watched.
func (t *tagReading) taggable(instanceUUID string) []types.ManagedObjectReference {
	snapshot := t.watch.snapshot(instanceUUID)
	if snapshot == nil {
		return nil
	}
	if snapshot == t.listed {
		return t.objects
	}
	t.listed, t.objects = snapshot, make([]types.ManagedObjectReference, 0, snapshot.Len())
	for o := range snapshot.All() {
		if o.Type != "CustomFieldsManager" { // all the others are entities, which can have tags
			t.objects = append(t.objects, types.ManagedObjectReference{Type: o.Type, Value: o.Moref})
		}
	}
	return t.objects
}

// heed passes on what events may tell of tags.
func (t *tagReading) heed(events []event.Event) {
	if t == nil || t.tagger == nil {
		return
	}
	for i := range events {
		t.tagger.Notice(events[i].TypeID())
	}
}

// words are the tags as records have them; nil before they were read.
func (t *tagReading) words() translate.Tags {
	if t == nil || t.tagger == nil || !t.tagger.Tags().Known() {
		return nil
	}
	return t.tagger.Tags().Words()
}

// close ends the session of the tags.
func (t *tagReading) close(ctx context.Context) {
	if t == nil || t.tagger == nil {
		return
	}
	if err := t.tagger.Close(ctx); err != nil {
		t.logger.Warn("session of the tagging API left behind in vCenter, until its idle timeout", zap.Error(err))
	}
	t.running.Wait()
	t.tagger, t.instanceUUID, t.listed, t.objects = nil, "", nil, nil
}

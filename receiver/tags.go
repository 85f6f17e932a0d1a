package receiver

import (
	"context"
	"sync"
	"time"

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
	patience time.Duration // see tagging.Settings
	logger   *zap.Logger

	running sync.WaitGroup
	listed  *inventory.Snapshot            // whose objects
	objects []types.ManagedObjectReference // these are

	mu           sync.Mutex // guards the fields below
	instanceUUID string     // of the vCenter
	tagger       *tagging.Tagger
	given        bool // it was told that there are no tags
}

// tagsError says why nobody knows yet of whom to tell. It hides what kind of error it was: that of the REST API says nothing of the
// session that is asked for all else.
type tagsError struct{ cause error }

func (e *tagsError) Error() string {
	return "the tags that inventory::include and inventory::exclude ask for cannot be read: " + e.cause.Error()
}

func newTagReading(sessions *vsphere.Supervisor, watch *inventoryWatch, patience time.Duration, logger *zap.Logger) *tagReading {
	return &tagReading{sessions: sessions, watch: watch, patience: patience, logger: logger}
}

// meet begins with a vCenter, unless it is the one whose tags are read already.
func (t *tagReading) meet(ctx context.Context, instanceUUID string) {
	if t == nil || t.of(instanceUUID) != nil {
		return
	}
	closing, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	t.close(closing)
	tagger := tagging.New(tagging.Settings{
		Sessions:     t.sessions,
		InstanceUUID: instanceUUID,
		Objects:      func() []types.ManagedObjectReference { return t.taggable(instanceUUID) },
		Patience:     t.patience,
		Logger:       t.logger,
	})
	t.set(instanceUUID, tagger)
	t.running.Go(func() { tagger.Run(context.Background()) }) // until it is closed
}

// of is the Tagger of a vCenter; nil where there is none.
func (t *tagReading) of(instanceUUID string) *tagging.Tagger {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.instanceUUID != instanceUUID {
		return nil
	}
	return t.tagger
}

// set puts another Tagger in the place of the one that there is, which it returns.
func (t *tagReading) set(instanceUUID string, tagger *tagging.Tagger) *tagging.Tagger {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.tagger
	t.instanceUUID, t.tagger, t.given = instanceUUID, tagger, false
	return before
}

// taggable is called by one Tagger at a time. The list is made anew when the inventory has changed. There is none while that of another
// vCenter is watched.
func (t *tagReading) taggable(instanceUUID string) []types.ManagedObjectReference {
	snapshot := t.watch.snapshot(instanceUUID)
	if snapshot == nil || !snapshot.Synced() {
		return nil // the tags of what there was in an earlier life say nothing of what there is
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

// heed passes on what events of a vCenter may tell of tags.
func (t *tagReading) heed(instanceUUID string, events []event.Event) {
	tagger := t.of(instanceUUID)
	if tagger == nil {
		return
	}
	for i := range events {
		tagger.Notice(events[i].TypeID())
	}
}

// tags are those of a vCenter as they are known now.
func (t *tagReading) tags(instanceUUID string) tagging.Tags {
	if tagger := t.of(instanceUUID); tagger != nil {
		return tagger.Tags()
	}
	return tagging.Tags{}
}

// judged are the tags by which a selection judges a vCenter's objects, and whether it can: until they were read once it is nobody's guess
// of whom to tell, where it asks for any. The error says why that takes time; there is none while they are read. A vCenter that has no
// tagging API has objects without tags.
func (t *tagReading) judged(instanceUUID string, selection *inventory.Selection) (tags tagging.Tags, known bool, err error) {
	if !selection.Tagged() {
		return t.tags(instanceUUID), true, nil
	}
	tagger := t.of(instanceUUID)
	if tagger == nil {
		return tagging.Tags{}, false, nil
	}
	switch tags, trouble := tagger.Tags(), tagger.Trouble(); {
	case tags.Known():
		return tags, true, nil
	case tagger.Absent():
		t.giveUp(trouble)
		return tags, true, nil
	case trouble != nil:
		return tags, false, &tagsError{trouble}
	}
	return tagging.Tags{}, false, nil
}

// lacking tells the objects that are so new that they are not in the tags by which they are to be judged: nobody can, by a rule that asks
// for tags. Where there is no tagging API there are none, or they would be waited for in vain.
func (t *tagReading) lacking(instanceUUID string, judgedBy tagging.Tags) func(class, moref string) bool {
	if tagger := t.of(instanceUUID); tagger != nil && tagger.Absent() {
		return func(string, string) bool { return false }
	}
	return judgedBy.Lacks
}

// giveUp says once that there are no tags.
func (t *tagReading) giveUp(cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.given {
		t.given = true
		t.logger.Warn("vCenter has no tagging API: inventory::include and inventory::exclude hold as if no object had a tag", zap.Error(cause))
	}
}

// words are the tags as records have them; nil before they were read.
func (t *tagReading) words(instanceUUID string) translate.Tags {
	if tags := t.tags(instanceUUID); tags.Known() {
		return tags.Words()
	}
	return nil
}

// close ends the session of the tags.
func (t *tagReading) close(ctx context.Context) {
	if t == nil {
		return
	}
	tagger := t.set("", nil)
	if tagger == nil {
		return
	}
	if err := tagger.Close(ctx); err != nil {
		t.logger.Warn("session of the tagging API left behind in vCenter, until its idle timeout", zap.Error(err))
	}
	t.running.Wait()
	t.listed, t.objects = nil, nil
}

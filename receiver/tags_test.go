package receiver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Events say how their objects are tagged, as soon as that is known, and what is renamed is read again when an event tells of it.
// One login to the tagging API serves for all of it, and nothing of it is left behind.
func TestEventsHaveTags(t *testing.T) {
	l := newStock(t, 20)
	r := l.start()
	l.pinned()
	vm := l.sim.Large().Of("VirtualMachine")[0]
	tagged := func(with string) func() bool {
		return func() bool {
			l.about(vm)
			l.wantAll()
			return strings.Contains(l.tags(len(l.expects)-1), with)
		}
	}
	l.eventually("tags", tagged(":"))
	tag, _, _ := strings.Cut(strings.Trim(l.tags(len(l.expects)-1), `[]`), ",")
	category, name, _ := strings.Cut(strings.Trim(tag, `"`), ":")
	assert.True(t, l.sim.Tagging().Rename(name, "renamed"))
	l.appendRaw("EventEx", "<eventTypeId>com.vmware.cis.tagging.tag.update</eventTypeId>")
	l.eventually("the tag by its new name", tagged(category+":renamed"))
	assert.Equal(t, 1, l.sim.Tagging().Stats().Logins)
	r.stop()
	assert.Zero(t, l.sim.Tagging().Stats().Sessions)
}

// A vCenter without the tagging API delivers events without tags.
func TestEventsWithoutTheTaggingAPI(t *testing.T) {
	l := newStock(t, 20)
	l.sim.Tagging().SetAbsent(true)
	l.start()
	l.pinned()
	vm := l.sim.Large().Of("VirtualMachine")[0]
	l.eventually("the try", func() bool {
		return len(l.sim.Tagging().Stats().Calls) > 0 || l.logs.FilterMessageSnippet("tag").Len() > 0
	})
	l.about(vm)
	l.wantAll()
	assert.Empty(t, l.tags(0))
	l.quiet(100 * time.Millisecond)
	assert.True(t, l.host.ok())
}

// tags are those of the object of the event that was appended so-and-so-manyth.
func (l *lab) tags(n int) string {
	_, batches := l.sink.seen()
	for _, b := range batches {
		if record, ok := b.bytes[l.expects[n]]; ok {
			if tags, known := decoded(record).Attributes().Get("vcenter.tags"); known {
				return tags.AsString()
			}
		}
	}
	return ""
}

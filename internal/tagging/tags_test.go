package tagging

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheZeroTagsKnowNothing(t *testing.T) {
	var tags Tags
	assert.False(t, tags.Known())
	assert.True(t, tags.At().IsZero())
	assert.Nil(t, tags.Of("vm-1"))
	assert.Nil(t, tags.Words().Of("vm-1"))
}

func TestATagWithoutACategoryIsItsName(t *testing.T) {
	assert.Equal(t, "tier:gold", Tag{"tier", "gold"}.String())
	assert.Equal(t, "gold", Tag{"", "gold"}.String())
}

func TestTagsOfAnObjectAreSortedAndNoneIsThereTwice(t *testing.T) {
	l := newLabel([]Tag{{"b", "1"}, {"a", "2"}, {"", "3"}, {"a", "1"}, {"b", "1"}})
	assert.Equal(t, []string{"3", "a:1", "a:2", "b:1"}, l.words)
	_ = append(l.tags, Tag{"z", "9"})
	assert.Len(t, l.tags, cap(l.tags), "who appends has a copy")
}

func objectsOf(from, to int) (all []object) {
	for n := from; n < to; n++ {
		all = append(all, object{Type: "VirtualMachine", Value: fmt.Sprint("vm-", n)})
	}
	return all
}

func TestTagsOfObjectsThatAreGoneAreBounded(t *testing.T) {
	tagged := newLabel([]Tag{{"a", "b"}})
	read := map[string]*label{"vm-untagged": nothing}
	for _, o := range objectsOf(0, 3*maxGone) {
		read[o.Value] = tagged
	}
	var none *book
	b := none.with(read, nil).only(objectsOf(2*maxGone, 3*maxGone))
	assert.Len(t, b.gone, maxGone)
	assert.Len(t, b.labels, 2*maxGone)
	b = b.only(objectsOf(3*maxGone-10, 3*maxGone))
	assert.Len(t, b.gone, maxGone)
	assert.Len(t, b.labels, maxGone+10)
	back := b.gone[0]
	b = b.only([]object{{Type: "VirtualMachine", Value: back}})
	assert.NotContains(t, b.gone, back)
	assert.NotContains(t, b.labels, "vm-untagged")
}

func TestWhichEventsTellOfTags(t *testing.T) {
	for id, want := range map[string]news{
		"com.vmware.cis.tagging.attach": attached, "com.vmware.cis.tagging.detach": attached,
		"com.vmware.cis.CreateTag": renamed, "com.vmware.cis.DeleteTag": renamed, "com.vmware.cis.UpdateCategory": renamed,
		"com.vmware.cis.tagging.tag.update": renamed,
		"":                                  noNews, "VmPoweredOnEvent": noNews, "com.vmware.cis.license.expired": noNews, "esx.tag": noNews,
	} {
		assert.Equal(t, want, newsOf(id), id)
	}
}

func TestAnEventOfSomethingElseCostsNothing(t *testing.T) {
	tagger := New(Settings{})
	assert.Zero(t, testing.AllocsPerRun(100, func() { tagger.Notice("com.vmware.vc.ha.VmRestartedByHAEvent") }))
	assert.Empty(t, tagger.notices)
	var none *book
	tags := Tags{none.with(map[string]*label{"vm-1": newLabel([]Tag{{"a", "b"}})}, nil)}
	assert.Zero(t, testing.AllocsPerRun(100, func() { runtime.KeepAlive(tags.Words().Of("vm-1")) }))
}

package property_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

var names = []types.PropertySpec{{Type: "ManagedEntity", PathSet: []string{"name"}}}

func TestAnAnswerIsRepeatedForTheVersionBeforeIt(t *testing.T) {
	i := property.New(property.Settings{VMs: 20})
	c := watch(t, i, names, "VirtualMachine")
	first := c.next(t, 0)
	require.Len(t, first.FilterSet[0].ObjectSet, 21)
	c.version = first.Version
	play(t, i, "rename", 2)
	second := c.next(t, 0)
	play(t, i, "rename", 3)
	assert.Equal(t, second, c.next(t, 0), "it was lost on the way")
	c.version = second.Version
	third := c.next(t, 0)
	require.NotNil(t, third)
	_, err := c.Wait(ctx(t), first.Version, nil)
	var f property.Fault
	require.ErrorAs(t, err, &f)
	assert.IsType(t, &types.InvalidCollectorVersion{}, f.BaseMethodFault, "two answers ago")
	_, err = c.Wait(ctx(t), "nonsense", nil)
	assert.ErrorAs(t, err, &f)
	c.version = third.Version
	assert.Nil(t, c.next(t, 0))

	c.version = ""
	assert.Len(t, c.next(t, 0).FilterSet[0].ObjectSet, 21, "from the beginning")
}

func TestWhatWasToldDoesNotChangeAfterwards(t *testing.T) {
	i := property.New(property.Settings{VMs: 40, Hosts: 4})
	play(t, i, "snapshot", 39)
	c := watch(t, i, state)
	told := c.next(t, 0)
	before := text(told)
	for name := range property.Scripts() {
		for range 3 {
			_, _ = i.Play(name, 2) // some want others to have been before them
		}
	}
	assert.Equal(t, before, text(told), "an answer that is repeated, or still being written, is what it was")
}

func TestAnAnswerIsTruncated(t *testing.T) {
	i := property.New(property.Settings{VMs: 2400})
	c := watch(t, i, names, "VirtualMachine")
	for most, answers := range map[int32]int{0: 3, 5000: 3, 600: 5} {
		c.version = ""
		n, set := 0, (*types.UpdateSet)(nil)
		for more := true; more; n++ {
			set = c.next(t, most)
			limit := property.MostObjects
			if most == 600 {
				limit = 600
			}
			assert.LessOrEqual(t, len(set.FilterSet[0].ObjectSet), limit)
			c.version, more = set.Version, set.Truncated != nil
		}
		assert.Equal(t, answers, n)
	}
}

func TestTheRestOfATruncatedAnswerComesEvenWhereItIsNothing(t *testing.T) {
	i := property.New(property.Settings{VMs: 20, Seed: 3})
	c := watch(t, i, names, "VirtualMachine")
	c.follow(t, 0)
	play(t, i, "rename", 3)
	play(t, i, "quickstats", 19) // touches many, and tells nothing
	set := c.next(t, 3)
	require.NotNil(t, set.Truncated)
	c.version = set.Version
	set, err := c.Wait(ctx(t), c.version, &types.WaitOptions{MaxObjectUpdates: 3})
	require.NoError(t, err, "a client that reads until it is not truncated would hang")
	assert.Empty(t, set.FilterSet)
	assert.Nil(t, set.Truncated)
}

func TestAnObjectEntersWithAllThatIsSet(t *testing.T) {
	i := property.New(property.Settings{VMs: 2})
	c := watch(t, i, []types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"customValue", "snapshot", "datastore", "config.managedBy"}}})
	c.follow(t, 0)
	is := c.known[i.Of("VirtualMachine")[1]]
	assert.Contains(t, is, "datastore")
	assert.Contains(t, is, "customValue", "a list is there even where it is empty")
	assert.NotContains(t, is, "snapshot")
	assert.NotContains(t, is, "config.managedBy")
}

func TestChangesOfAPropertyAreOneWithTheLastValue(t *testing.T) {
	i := property.New(property.Settings{VMs: 1})
	c := watch(t, i, names, "VirtualMachine")
	c.follow(t, 0)
	for range 50 {
		play(t, i, "rename", 1)
	}
	set := c.next(t, 0)
	require.Len(t, set.FilterSet[0].ObjectSet, 1)
	changes := set.FilterSet[0].ObjectSet[0].ChangeSet
	require.Len(t, changes, 1)
	assert.Equal(t, i.Get(i.Of("VirtualMachine")[0]).(*mo.VirtualMachine).Name, changes[0].Val)
}

func TestAChangeThatIsTakenBackIsNone(t *testing.T) {
	i := property.New(property.Settings{VMs: 1})
	c := watch(t, i, []types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"runtime.powerState", "guest"}}})
	c.follow(t, 0)
	play(t, i, "power", 1)
	play(t, i, "power", 1)
	assert.Nil(t, c.next(t, 0))
	copied := play(t, i, "clone", 1)
	for i.Get(copied[0]) != nil {
		play(t, i, "delete", 1)
	}
	assert.LessOrEqual(t, c.follow(t, 0), 1, "nobody heard of the clone")
}

func TestWhatAVCenterDoesNotPushIsNotPushed(t *testing.T) {
	i := property.New(property.Settings{VMs: 10})
	what := []types.PropertySpec{
		{Type: "VirtualMachine", PathSet: []string{"summary", "summary.quickStats", "overallStatus", "triggeredAlarmState", "runtime"}},
	}
	c := watch(t, i, what)
	c.follow(t, 0)
	before := c.known[i.Of("VirtualMachine")[0]]["summary.quickStats"]
	require.NotEmpty(t, before, "it is told at first")
	play(t, i, "quickstats", 9)
	play(t, i, "alarm", 9)
	assert.Nil(t, c.next(t, 0))
	assert.NotEqual(t, c.known, full(t, i, what), "but it can be read")
	play(t, i, "rename", 9)
	set := c.next(t, 0)
	for _, u := range set.FilterSet[0].ObjectSet {
		require.Len(t, u.ChangeSet, 1)
		assert.Equal(t, "summary", u.ChangeSet[0].Name)
	}
}

func TestAChangeCostsTheSameInALargeInventory(t *testing.T) {
	cost := func(vms int) int {
		i := property.New(property.Settings{VMs: vms, Folders: 50, Hosts: 20, Datastores: 10})
		c := watch(t, i, names)
		c.follow(t, 0)
		before := i.Looked()
		for range 10 {
			play(t, i, "rename", 10)
			require.Equal(t, 10, c.follow(t, 0))
		}
		assert.Nil(t, c.next(t, 0))
		return i.Looked() - before
	}
	small, large := cost(200), cost(10_000)
	t.Logf("100 changes: %d looks at objects of 200, %d at those of 10,000", small, large)
	assert.InDelta(t, small, large, float64(small)/2, "the depth of folders")
	assert.Less(t, large, 2_000)
}

func TestAnInventoryIsBuiltInOneGo(t *testing.T) {
	i := property.New(property.Settings{VMs: 10_000})
	assert.Less(t, i.Looked(), 11_000, "each object once")
	assert.Len(t, i.Of("VirtualMachine"), 10_000)
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	i := property.New(property.Settings{VMs: 5})
	c := watch(t, i, names)
	c.follow(t, 0)
	gone := errors.New("the client is gone")
	waiting, end := context.WithCancelCause(ctx(t))
	ended := make(chan error, 1)
	go func() {
		_, err := c.Wait(waiting, c.version, nil)
		ended <- err
	}()
	end(gone)
	require.ErrorIs(t, <-ended, gone)
	play(t, i, "rename", 1)
	assert.Equal(t, 1, c.follow(t, 0), "it took nothing with it")
}

func TestAWaitHearsOfAChangeAndOfAFilter(t *testing.T) {
	i := property.New(property.Settings{VMs: 5, Coalesce: func() time.Duration { return time.Millisecond }})
	c := watch(t, i, names)
	c.follow(t, 0)
	heard := make(chan *types.UpdateSet)
	wait := func(version string) {
		set, err := c.Wait(ctx(t), version, nil)
		assert.NoError(t, err)
		heard <- set
	}
	go wait(c.version)
	play(t, i, "rename", 1)
	set := <-heard
	assert.Len(t, set.FilterSet[0].ObjectSet, 1)
	go wait(set.Version)
	_, err := c.CreateFilter(types.ManagedObjectReference{Type: "PropertyFilter", Value: "g"}, spec(names), views(t, i, root, "Datastore"))
	require.NoError(t, err)
	assert.Len(t, (<-heard).FilterSet[0].ObjectSet, 2)
}

func TestObjectsComeIntoAViewAndLeaveIt(t *testing.T) {
	i := property.New(property.Settings{VMs: 40, Folders: 4})
	folder := *i.Get(i.Of("VirtualMachine")[0]).(*mo.VirtualMachine).Parent
	c := &client{Collector: i.NewCollector(), known: map[types.ManagedObjectReference]map[string]string{}}
	t.Cleanup(func() { c.Destroy() })
	_, err := c.CreateFilter(types.ManagedObjectReference{Value: "f"}, spec(names), views(t, i, folder, "VirtualMachine"))
	require.NoError(t, err)
	assert.Equal(t, 10, c.follow(t, 0))
	for range 10 {
		play(t, i, "move", 20)
		c.follow(t, 0)
		var children []types.ManagedObjectReference
		for ref := range c.known {
			children = append(children, ref)
		}
		assert.ElementsMatch(t, i.Get(folder).(*mo.Folder).ChildEntity, children)
	}
}

// chances are what a random life is made of.
var chances = []string{
	"storm", "clone", "delete", "power", "move", "vmotion", "snapshot", "unsnapshot", "reconfigure", "attribute", "address",
	"host-failure", "host-recovery", "fill", "rename", "maintenance", "rename-datastore", "rename-folder", "define", "alarm",
}

func TestUpdatesAddUpToAFullRead(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	i := property.New(property.Settings{VMs: 60, Hosts: 8, Clusters: 2, Seed: seed})
	c := watch(t, i, state)
	for round := range 30 {
		for range random.IntN(4) {
			_, _ = i.Play(chances[random.IntN(len(chances))], 1+random.IntN(6)) // there may be too few
		}
		if random.IntN(8) == 0 {
			c.version = ""
			clear(c.known)
		}
		c.follow(t, int32(1+random.IntN(200)))
		all := full(t, i, state)
		require.Len(t, c.known, len(all), "round %d", round)
		for ref, is := range all {
			require.Equal(t, is, c.known[ref], "round %d: %s", round, ref)
		}
		consistent(t, i)
	}
}

func TestStormsAndReadersMeet(t *testing.T) {
	i := property.New(property.Settings{VMs: 80})
	c := watch(t, i, state)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 15 {
			_, _ = i.Play("storm", 40)
		}
	}()
	for open := true; open; {
		select {
		case <-done:
			open = false
		default:
		}
		c.follow(t, 50)
	}
	c.follow(t, 0)
	assert.Equal(t, full(t, i, state), c.known)
}

package property_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

var viewRef = types.ManagedObjectReference{Type: "ContainerView", Value: "v"}

var (
	root       = types.ManagedObjectReference{Type: "Folder", Value: "group-d1"}
	attributes = types.ManagedObjectReference{Type: "CustomFieldsManager", Value: "CustomFieldsManager"}
)

// client watches an inventory without a wire between.
type client struct {
	*property.Collector
	version string
	known   map[types.ManagedObjectReference]map[string]string
}

// state are paths with something of everything in them.
var state = []types.PropertySpec{
	{Type: "ManagedEntity", PathSet: []string{"name", "parent", "customValue"}},
	{Type: "VirtualMachine", PathSet: []string{"runtime", "config", "guest", "snapshot", "resourcePool", "datastore"}},
	{Type: "HostSystem", PathSet: []string{"runtime", "vm", "config.lockdownMode"}},
	{Type: "ClusterComputeResource", PathSet: []string{"summary", "host"}},
	{Type: "Folder", PathSet: []string{"childEntity"}},
	{Type: "Datastore", PathSet: []string{"summary", "vm"}},
	{Type: "CustomFieldsManager", PathSet: []string{"field"}},
}

func spec(what []types.PropertySpec, also ...types.ManagedObjectReference) types.PropertyFilterSpec {
	s := types.PropertyFilterSpec{PropSet: what, ObjectSet: []types.ObjectSpec{{
		Obj: viewRef, Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{
			&types.TraversalSpec{Type: "ContainerView", Path: "view"},
		},
	}}}
	for _, ref := range also {
		s.ObjectSet = append(s.ObjectSet, types.ObjectSpec{Obj: ref})
	}
	return s
}

// views has one view, of everything below a container.
func views(t *testing.T, i *property.Inventory, container types.ManagedObjectReference, of ...string) property.Views {
	t.Helper()
	v, err := i.NewView(container, of, true)
	require.NoError(t, err)
	return func(ref types.ManagedObjectReference) *property.View {
		if ref == viewRef {
			return v
		}
		return nil
	}
}

func watch(t *testing.T, i *property.Inventory, what []types.PropertySpec, of ...string) *client {
	t.Helper()
	c := &client{Collector: i.NewCollector(), known: map[types.ManagedObjectReference]map[string]string{}}
	_, err := c.CreateFilter(types.ManagedObjectReference{Type: "PropertyFilter", Value: "f"}, spec(what, root, attributes), views(t, i, root, of...))
	require.NoError(t, err)
	t.Cleanup(func() { c.Destroy() })
	return c
}

func ctx(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// next is what there is to tell now; nil for nothing.
func (c *client) next(t *testing.T, most int32) *types.UpdateSet {
	t.Helper()
	set, err := c.Wait(ctx(t), c.version, &types.WaitOptions{MaxObjectUpdates: most, MaxWaitSeconds: types.NewInt32(0)})
	require.NoError(t, err)
	return set
}

// follow takes all that there is to tell, and returns how many objects it was about.
func (c *client) follow(t *testing.T, most int32) (n int) {
	t.Helper()
	for {
		set := c.next(t, most)
		if set == nil {
			return n
		}
		c.version = set.Version
		for _, f := range set.FilterSet {
			n += len(f.ObjectSet)
			for _, u := range f.ObjectSet {
				c.apply(u)
			}
		}
		if set.Truncated == nil || !*set.Truncated {
			return n
		}
	}
}

func (c *client) apply(u types.ObjectUpdate) {
	switch u.Kind {
	case types.ObjectUpdateKindLeave:
		delete(c.known, u.Obj)
		return
	case types.ObjectUpdateKindEnter:
		c.known[u.Obj] = map[string]string{}
	}
	for _, change := range u.ChangeSet {
		if change.Val == nil {
			delete(c.known[u.Obj], change.Name)
			continue
		}
		c.known[u.Obj][change.Name] = text(change.Val)
	}
}

// text is a value as it was at this moment: it shares nothing with the inventory, which might change it in place.
func text(v any) string {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// full is a full read.
func full(t *testing.T, i *property.Inventory, what []types.PropertySpec) map[types.ManagedObjectReference]map[string]string {
	t.Helper()
	reading, err := i.Read([]types.PropertyFilterSpec{spec(what, root, attributes)}, views(t, i, root))
	require.NoError(t, err)
	all := map[types.ManagedObjectReference]map[string]string{}
	for _, o := range reading.Next(0) {
		all[o.Obj] = map[string]string{}
		for _, p := range o.PropSet {
			all[o.Obj][p.Name] = text(p.Val)
		}
	}
	return all
}

func play(t *testing.T, i *property.Inventory, script string, n int) []types.ManagedObjectReference {
	t.Helper()
	refs, err := i.Play(script, n)
	require.NoError(t, err)
	return refs
}

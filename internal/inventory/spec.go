package inventory

import (
	"github.com/vmware/govmomi/vim25/types"
)

// filterSpec asks for all kinds below a view, for the root folder itself, which is not below it, and for the names of custom
// attributes, which are nowhere in the tree. Paths that a vCenter does not know are left out.
func filterSpec(content types.ServiceContent, view types.ManagedObjectReference, unknown map[string]bool) types.PropertyFilterSpec {
	spec := types.PropertyFilterSpec{ObjectSet: []types.ObjectSpec{
		{Obj: content.RootFolder},
		{Obj: view, Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{
			&types.TraversalSpec{Type: view.Type, Path: "view"},
		}},
	}}
	watched := kinds
	if content.CustomFieldsManager != nil {
		spec.ObjectSet = append(spec.ObjectSet, types.ObjectSpec{Obj: *content.CustomFieldsManager})
		watched = append(watched[:len(watched):len(watched)], attributes)
	}
	for _, k := range watched {
		spec.PropSet = append(spec.PropSet, types.PropertySpec{Type: k.name, PathSet: k.known(unknown)})
	}
	return spec
}

func (k kind) known(unknown map[string]bool) (paths []string) {
	for _, path := range k.paths {
		if !unknown[path] {
			paths = append(paths, path)
		}
	}
	return paths
}

func placesOf(content types.ServiceContent) places {
	p := places{root: content.RootFolder.Value}
	if content.CustomFieldsManager != nil {
		p.attributes = content.CustomFieldsManager.Value
	}
	return p
}

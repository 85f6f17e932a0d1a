package property

import "github.com/vmware/govmomi/vim25/types"

// Fault is a fault to answer with.
type Fault struct {
	types.BaseMethodFault
	Message string
}

func (f Fault) Error() string { return f.Message }

func invalidProperty(name string) Fault {
	return Fault{&types.InvalidProperty{Name: name}, "Invalid property: " + name}
}

func invalidArgument(name string) Fault {
	return Fault{&types.InvalidArgument{InvalidProperty: name}, "A specified parameter was not correct: " + name}
}

func notFound(ref types.ManagedObjectReference) Fault {
	return Fault{&types.ManagedObjectNotFound{Obj: ref},
		"The object '" + ref.String() + "' has already been deleted or has not been completely created"}
}

func notAuthenticated(ref types.ManagedObjectReference) *types.NotAuthenticated {
	return &types.NotAuthenticated{NoPermission: types.NoPermission{Object: &ref, PrivilegeId: "System.View"}}
}

var (
	errVersion  = Fault{&types.InvalidCollectorVersion{}, "The version is not valid."}
	errCanceled = Fault{&types.RequestCanceled{}, "The task was canceled by a user."}
	errWatch    = Fault{&types.NotSupported{}, "The simulator watches objects and container views, and no other traversals."}
)

package event

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// Entity names a managed entity, whose events are wanted with those of everything below it: by its path in the
// inventory, or by its reference. The zero value names none.
type Entity struct {
	path string
	ref  types.ManagedObjectReference
}

// NoEntityError says that there is no such entity in vCenter, or none that the account may see.
type NoEntityError struct {
	Entity string
}

func (e *NoEntityError) Error() string {
	return fmt.Sprintf("there is no entity %s in vCenter, or the account may not see it (events::filter::entities)", e.Entity)
}

// reference is the type of a managed entity and a value: VirtualMachine:vm-42.
var reference = regexp.MustCompile(`^([A-Z][A-Za-z]+):([a-z][a-z0-9-]*)$`)

func parseEntity(text string) (Entity, error) {
	if parts := reference.FindStringSubmatch(text); parts != nil {
		return Entity{ref: types.ManagedObjectReference{Type: parts[1], Value: parts[2]}}, nil
	}
	if path := strings.Trim(text, "/"); path != "" && strings.HasPrefix(text, "/") {
		return Entity{path: path}, nil
	}
	return Entity{}, fmt.Errorf("%q is neither a path in the inventory such as /DC1/vm/web-01 nor a reference such as VirtualMachine:vm-42", text)
}

func (n Entity) isZero() bool { return n == Entity{} }

func (n Entity) String() string {
	switch {
	case n.isZero():
		return ""
	case n.path != "":
		return "/" + n.path
	}
	return n.ref.String()
}

// resolve finds the entity. It asks for one that is given by its reference, too: with a reference to nothing a vCenter
// makes no collector, and does not say why.
func (n Entity) resolve(ctx context.Context, c *vim25.Client) (types.ManagedObjectReference, error) {
	if n.path != "" {
		return n.find(ctx, c)
	}
	var entity mo.ManagedEntity
	err := property.DefaultCollector(c).RetrieveOne(ctx, n.ref, []string{"name"}, &entity)
	if vsphere.IsGone(err) {
		return n.ref, &NoEntityError{n.String()} // without its cause, which would read as if the session were gone
	}
	return n.ref, err
}

func (n Entity) find(ctx context.Context, c *vim25.Client) (types.ManagedObjectReference, error) {
	res, err := methods.FindByInventoryPath(ctx, c, &types.FindByInventoryPath{
		This: *c.ServiceContent.SearchIndex, InventoryPath: n.path,
	})
	switch {
	case err != nil:
		return types.ManagedObjectReference{}, err
	case res.Returnval == nil:
		return types.ManagedObjectReference{}, &NoEntityError{n.String()}
	}
	return *res.Returnval, nil
}

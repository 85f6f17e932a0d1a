package inventory

import (
	"context"
	"errors"
	"fmt"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// mostObjects are those in one answer. A vCenter has a limit of its own, too.
const mostObjects = 1000

// errNoObjects is what an answer is that is none to a question of properties.
var errNoObjects = errors.New("the answer is not one of properties")

// retrieved is one answer of RetrievePropertiesEx, or of ContinueRetrievePropertiesEx.
type retrieved struct {
	token  string           // of the rest; "" where there is none
	fields soapxml.Elements // objects among them
}

// decodeRetrieved reads an answer, whole or not at all. One that holds nothing at all means that no object was found.
func decodeRetrieved(body []byte) (retrieved, error) {
	elements, err := parse(body)
	if err != nil {
		return retrieved{}, err
	}
	_, response, found := elements.Find("RetrievePropertiesExResponse")
	if !found {
		_, response, found = elements.Find("ContinueRetrievePropertiesExResponse")
	}
	if !found {
		return retrieved{}, errNoObjects
	}
	// A session that is lost is answered with objects that have no properties, and no fault.
	if err := vsphere.MissingNotAuthenticated(elements); err != nil {
		return retrieved{}, fmt.Errorf("properties are missing: %w", err)
	}
	_, fields, _ := response.Find("returnval")
	return retrieved{token: fields.Text("token"), fields: fields}, nil
}

// each tells of each object what was read of it.
func (r retrieved) each(take func(moref string, properties soapxml.Elements)) {
	for e, fields := range r.fields.All() {
		if e.Name == "objects" {
			take(fields.Text("obj"), fields)
		}
	}
}

// retrieve reads properties, in as many answers as it takes. What was taken before an error stays taken: each answer is whole.
func (p *poll) retrieve(ctx context.Context, spec types.PropertyFilterSpec, take func(moref string, properties soapxml.Elements)) error {
	var request any = &types.RetrievePropertiesEx{
		This: p.collector(), SpecSet: []types.PropertyFilterSpec{spec}, Options: types.RetrieveOptions{MaxObjects: mostObjects},
	}
	for token := ""; ; {
		r, err := p.call(ctx, request)
		if err != nil {
			p.giveUp(ctx, token, err)
			return err
		}
		r.each(take)
		if token = r.token; token == "" {
			return nil
		}
		request = &types.ContinueRetrievePropertiesEx{This: p.collector(), Token: token}
	}
}

func (p *poll) call(ctx context.Context, request any) (retrieved, error) {
	body, err := p.session.Call(ctx, p.settings.APITimeout, request)
	if err != nil {
		return retrieved{}, err
	}
	return decodeRetrieved(body)
}

func (p *poll) collector() types.ManagedObjectReference {
	return p.session.Client().ServiceContent.PropertyCollector
}

// giveUp tells vCenter that nobody comes for the rest of an answer, which it would keep for as long as the session lives. Whether
// the call that failed has spent the token is not known: then this fails, and there is nothing more to do.
func (p *poll) giveUp(ctx context.Context, token string, because error) {
	if token == "" || vsphere.IsNotAuthenticated(because) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	_, _ = methods.CancelRetrievePropertiesEx(ctx, p.session.Client(), &types.CancelRetrievePropertiesEx{This: p.collector(), Token: token})
}

// overView asks for properties of everything. That is the same few bytes for any number of objects: to name each of them takes 63
// more, and fails as a whole when one is gone.
func (p *poll) overView(properties ...types.PropertySpec) types.PropertyFilterSpec {
	return types.PropertyFilterSpec{PropSet: properties, ObjectSet: []types.ObjectSpec{p.viewed()}}
}

// viewed are the objects of the view, and where a way leads from there.
func (p *poll) viewed(ways ...types.BaseSelectionSpec) types.ObjectSpec {
	return types.ObjectSpec{Obj: p.view, Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{
		&types.TraversalSpec{Type: p.view.Type, Path: "view", SelectSet: ways},
	}}
}

// ofObjects asks for properties of some objects.
func ofObjects(properties types.PropertySpec, objects ...types.ManagedObjectReference) types.PropertyFilterSpec {
	spec := types.PropertyFilterSpec{PropSet: []types.PropertySpec{properties}}
	for _, o := range objects {
		spec.ObjectSet = append(spec.ObjectSet, types.ObjectSpec{Obj: o})
	}
	return spec
}

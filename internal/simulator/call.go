package simulator

import (
	"context"
	"net/http"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// call is one SOAP call that a client made.
type call struct {
	ctx     context.Context // done when the client is gone
	request *http.Request
	body    []byte
	method  *simulator.Method
	session *session // nil without a login
}

// response is what goes into the method's response: a struct of govmomi's, or XML.
type response any

// fault is a fault to answer with.
type fault struct {
	types.BaseMethodFault
	message string
}

func (f fault) Error() string { return f.message }

func notAuthenticated(this types.ManagedObjectReference) fault {
	return fault{&types.NotAuthenticated{NoPermission: types.NoPermission{Object: &this, PrivilegeId: "System.View"}},
		"The session is not authenticated."}
}

func notFound(this types.ManagedObjectReference) fault {
	return fault{&types.ManagedObjectNotFound{Obj: this},
		"The object '" + this.Type + ":" + this.Value + "' has already been deleted or has not been completely created"}
}

func invalidArgument(property string) fault {
	return fault{&types.InvalidArgument{InvalidProperty: property}, "A specified parameter was not correct: " + property}
}

// unexpectedElement is how a vCenter's parser meets an element that a later version has brought.
func unexpectedElement(name, method string) fault {
	return fault{&types.InvalidRequest{}, "Unexpected element tag \"" + name + "\" seen\n\n" +
		"while parsing call information for method " + method + "\nat line 1, column 1\n\nwhile parsing SOAP body"}
}

func (c *call) describe() Call {
	d := Call{
		Method: c.method.Name, This: c.method.This.String(), OperationID: c.method.Header.ID,
		UserAgent: c.request.UserAgent(), At: time.Now(),
	}
	if c.session != nil {
		d.Session = c.session.key
	}
	return d
}

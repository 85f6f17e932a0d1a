package vsphere

import (
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// MissingNotAuthenticated looks through the Body of a RetrievePropertiesEx or WaitForUpdatesEx answer for properties
// that are missing because there is no login. vCenter answers such a read without a fault, and without a single
// property: it would read as if everything had vanished. The error is one of IsNotAuthenticated, or nil.
func MissingNotAuthenticated(body soapxml.Elements) error {
	for _, response := range body.All() {
		if notAuthenticated(response, false) {
			return soap.WrapVimFault(&types.NotAuthenticated{})
		}
	}
	return nil
}

// notAuthenticated goes down only where a missingSet can be: a property's own value may well hold the fault of a task.
func notAuthenticated(elements soapxml.Elements, missing bool) bool {
	for element, below := range elements.All() {
		switch element.Name {
		case "returnval", "objects", "filterSet", "objectSet":
			if notAuthenticated(below, false) {
				return true
			}
		case "missingSet", "missingObjects":
			if notAuthenticated(below, true) {
				return true
			}
		case "fault":
			if missing && (element.Type == "NotAuthenticated" || notAuthenticated(below, true)) {
				return true
			}
		}
	}
	return false
}

package inventory

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// errNoUpdates is what an answer is that has no update set, and no word that there is none.
var errNoUpdates = errors.New("the answer is not one of updates")

// updateSet is one answer of WaitForUpdatesEx.
type updateSet struct {
	version   string // "" where the wait ended without news
	truncated bool   // there is more of it in the next answer
	updates   []update
	strange   int // updates that name no object
}

// update is what is said of one object.
type update struct {
	class, moref string
	leave        bool
	enter        bool
	changes      []change
	missing      []string // paths of which nothing is known: the account may not read them, or vCenter could not
}

// change is one path and all that is there now.
type change struct {
	path       string
	properties []Property
}

// decode reads an answer of WaitForUpdatesEx, whole or not at all.
func decode(body []byte, f *flattener) (updateSet, error) {
	elements, err := parse(body)
	if err != nil {
		return updateSet{}, err
	}
	_, response, found := elements.Find("WaitForUpdatesExResponse")
	if !found {
		return updateSet{}, errNoUpdates
	}
	// A session that is lost is answered with objects that have no properties, and no fault.
	if err := vsphere.MissingNotAuthenticated(elements); err != nil {
		return updateSet{}, fmt.Errorf("properties are missing: %w", err)
	}
	_, fields, _ := response.Find("returnval")
	set := updateSet{version: fields.Text("version"), truncated: isTrue(fields.Text("truncated"))}
	for e, below := range fields.All() {
		if e.Name == "filterSet" {
			set.read(below, f)
		}
	}
	return set, nil
}

// read takes the updates of one filter.
func (s *updateSet) read(filter soapxml.Elements, f *flattener) {
	for e, fields := range filter.All() {
		if e.Name != "objectSet" {
			continue
		}
		if u, ok := readUpdate(fields, f); ok {
			s.updates = append(s.updates, u)
		} else {
			s.strange++
		}
	}
}

func readUpdate(fields soapxml.Elements, f *flattener) (u update, ok bool) {
	for e, below := range fields.All() {
		switch e.Name {
		case "kind":
			u.enter, u.leave = e.Text == "enter", e.Text == "leave"
		case "obj":
			u.class, u.moref = f.names.text(e.Ref), f.names.text(e.Text)
		case "changeSet":
			if c := readChange(below, f); c.path != "" { // the state could not be read again with a property without a name
				u.changes = append(u.changes, c)
			}
		case "missingSet":
			u.missing = append(u.missing, f.names.text(below.Text("path")))
		}
	}
	return u, u.moref != ""
}

// readChange takes what a path holds now. The operation needs no look: what is removed has no value. A key that is a text
// is quoted in a path, and not in ours.
func readChange(fields soapxml.Elements, f *flattener) change {
	c := change{path: f.names.text(strings.ReplaceAll(fields.Text("name"), `"`, ""))}
	if value, below, found := fields.Find("val"); found {
		c.properties = f.flatten(nil, c.path, value, below)
	}
	return c
}

func isTrue(text string) bool { return text == "true" || text == "1" }

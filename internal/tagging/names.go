package tagging

import (
	"context"
	"net/http"
	"time"

	"github.com/vmware/govmomi/vapi/tags"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// namesAge is after how long names are read again without an event that says that they have changed.
const namesAge = time.Hour

// names are what IDs stand for. One that cannot be read, for it is gone or hidden, is remembered as "".
type names struct {
	since      time.Time
	tags       map[string]Tag
	categories map[string]string
}

func newNames(now time.Time) *names {
	return &names{since: now, tags: map[string]Tag{}, categories: map[string]string{}}
}

// tag is the tag of an ID.
func (n *names) tag(ctx context.Context, c *client, id string) (Tag, error) {
	if tag, known := n.tags[id]; known {
		return tag, nil
	}
	found, err := do(ctx, c, func(a api) (*tags.Tag, error) { return a.tag(ctx, id) })
	if err != nil && !isRefused(err) {
		return Tag{}, err
	}
	var tag Tag
	if err == nil {
		if tag.Category, err = n.category(ctx, c, found.CategoryID); err != nil {
			return Tag{}, err
		}
		tag.Name = found.Name
	}
	n.tags[id] = tag
	return tag, nil
}

func (n *names) category(ctx context.Context, c *client, id string) (string, error) {
	if name, known := n.categories[id]; known {
		return name, nil
	}
	found, err := do(ctx, c, func(a api) (*tags.Category, error) { return a.category(ctx, id) })
	if err != nil && !isRefused(err) {
		return "", err
	}
	if err == nil {
		n.categories[id] = found.Name
	} else {
		n.categories[id] = ""
	}
	return n.categories[id], nil
}

// isRefused reports whether vCenter does not tell of what was asked for: it is gone, hidden, or of a kind that has no tags. An API
// that is not there, or forbidden, answers a login in the same way, and then nothing was asked for.
func isRefused(err error) bool {
	if isLogin(err) {
		return false
	}
	switch vsphere.HTTPStatus(err) {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound:
		return true
	}
	return false
}

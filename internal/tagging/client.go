package tagging

import (
	"context"
	"errors"
	"fmt"

	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/mo"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// api is the part of the tagging API that is used, in one session. Each of its calls is one request.
type api interface {
	attached(ctx context.Context, objects []object) ([]tags.AttachedTags, error)
	tag(ctx context.Context, id string) (*tags.Tag, error)
	category(ctx context.Context, id string) (*tags.Category, error)
	Logout(ctx context.Context) error
}

// restAPI is a vCenter's.
type restAPI struct{ *vsphere.REST }

func (a restAPI) attached(ctx context.Context, objects []object) ([]tags.AttachedTags, error) {
	references := make([]mo.Reference, len(objects))
	for i, o := range objects {
		references[i] = o
	}
	return call(ctx, a, "TagAssociation.listAttachedTagsOnObjects", func(ctx context.Context, m *tags.Manager) ([]tags.AttachedTags, error) {
		return m.ListAttachedTagsOnObjects(ctx, references)
	})
}

func (a restAPI) tag(ctx context.Context, id string) (*tags.Tag, error) {
	return call(ctx, a, "Tag.get", func(ctx context.Context, m *tags.Manager) (*tags.Tag, error) { return m.GetTag(ctx, id) })
}

func (a restAPI) category(ctx context.Context, id string) (*tags.Category, error) {
	return call(ctx, a, "Category.get", func(ctx context.Context, m *tags.Manager) (*tags.Category, error) { return m.GetCategory(ctx, id) })
}

func call[T any](ctx context.Context, a restAPI, method string, request func(context.Context, *tags.Manager) (T, error)) (result T, err error) {
	err = a.Call(ctx, method, func(ctx context.Context, c *rest.Client) (err error) {
		result, err = request(ctx, tags.NewManager(c))
		return err
	})
	return result, err
}

// maxLogins bounds the logins of one reading: the first, and one where the session ended on the way.
const maxLogins = 2

// errStillborn is a vCenter that accepts a login and then does not know the session: another login would be of no more use.
var errStillborn = errors.New("vCenter accepted the login to its REST API but not the session that it made")

// loginError is a login that failed: whatever it was answered, it says nothing of what was asked for.
type loginError struct{ err error }

func (e *loginError) Error() string { return "log in for tags: " + e.err.Error() }
func (e *loginError) Unwrap() error { return e.err }

// isLogin reports whether a login failed, and not the call that it was for.
func isLogin(err error) bool {
	var e *loginError
	return errors.As(err, &e)
}

// client makes calls in the one session that there is at a time, and logs in where there is none.
type client struct {
	login    func(context.Context) (api, error)
	session  api // nil before the first login, and from a loss to the next login
	logins   int // in this reading
	loggedIn func()
}

// do makes one call; again where the session that it was made in has ended.
func do[T any](ctx context.Context, c *client, request func(api) (T, error)) (result T, err error) {
	for {
		fresh, err := c.enter(ctx)
		if err != nil {
			return result, err
		}
		result, err = request(c.session)
		if !vsphere.IsNotAuthenticated(err) {
			return result, err
		}
		c.session = nil
		if fresh || c.logins >= maxLogins {
			return result, fmt.Errorf("%w: %w", errStillborn, err)
		}
	}
}

// enter makes a session where there is none.
func (c *client) enter(ctx context.Context) (fresh bool, err error) {
	if c.session != nil {
		return false, nil
	}
	c.session, err = c.login(ctx)
	if err != nil {
		c.session = nil // and not an api that holds nil
		return false, &loginError{err}
	}
	c.logins++
	c.loggedIn()
	return true, nil
}

// close ends the session.
func (c *client) close(ctx context.Context) error {
	session := c.session
	if c.session = nil; session == nil {
		return nil
	}
	return session.Logout(ctx)
}

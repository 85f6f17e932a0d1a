package simulator

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// options is the vCenter's OptionManager: vcsim's, with the options that are about the history as they are played.
type options struct{ *Simulator }

func (options) kind() string { return "OptionManager" }

func (options) properties() []string { return []string{"setting"} }

func (o options) property(path string) (any, error) {
	if path != "setting" {
		return nil, invalidProperty(path)
	}
	return types.ArrayOfOptionValue{OptionValue: o.all()}, nil
}

func (s *Simulator) queryOptions(c *call) (response, error) {
	name := c.method.Body.(*types.QueryOptions).Name
	found := slices.DeleteFunc(options{s}.all(), func(o types.BaseOptionValue) bool {
		return !strings.HasPrefix(o.GetOptionValue().Key, name)
	})
	if len(found) == 0 {
		return nil, fault{&types.InvalidName{Name: name}, "A specified parameter was not correct: name"}
	}
	return &types.QueryOptionsResponse{Returnval: found}, nil
}

const maxEventID = 2_147_480_000

// all are copies of the options.
func (o options) all() (all []types.BaseOptionValue) {
	own := o.retention()
	if o.offersViews() {
		own = append(own, option("config.vpxd.event.maxEventId", int32(maxEventID)))
	}
	r := o.registry()
	r.WithLock(&simulator.Context{Context: context.Background(), Map: r}, r.OptionManager(), func() {
		for _, each := range r.OptionManager().Setting {
			value := *each.GetOptionValue()
			if !slices.ContainsFunc(own, func(mine types.BaseOptionValue) bool { return mine.GetOptionValue().Key == value.Key }) {
				all = append(all, &value)
			}
		}
	})
	return append(all, own...)
}

const day = 24 * time.Hour

// retention is nil where what vcsim says holds: 30 days, and in force.
func (o options) retention() []types.BaseOptionValue {
	maxAge := time.Duration(o.limits.maxAge.Load())
	if maxAge < 0 {
		return nil
	}
	days := int32((maxAge + day - 1) / day)
	return []types.BaseOptionValue{option("event.maxAge", max(days, 1)), option("event.maxAgeEnabled", maxAge > 0)}
}

func option(key string, value any) types.BaseOptionValue {
	return &types.OptionValue{Key: key, Value: value}
}

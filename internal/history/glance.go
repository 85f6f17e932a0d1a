package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// Oldest reads the first page of a history that begins at a time by vCenter's clock, with a collector of its own that is
// gone afterwards.
func Oldest(ctx context.Context, s Session, kind Kind, begin time.Time, settings Settings) (page Page, err error) {
	err = glance(ctx, s, kind, begin, settings, func(c *Cursor) error {
		page, err = c.Read(ctx)
		return err
	})
	return page, err
}

// Browse hands over page after page of a history that begins at a time by vCenter's clock, until that is enough, with a collector of
// its own that is gone afterwards.
func Browse(ctx context.Context, s Session, kind Kind, begin time.Time, settings Settings, enough func(Page) (bool, error)) error {
	return glance(ctx, s, kind, begin, settings, func(c *Cursor) error {
		for {
			page, err := c.Read(ctx)
			if err != nil {
				return err
			}
			if done, err := enough(page); done || err != nil {
				return err
			}
		}
	})
}

// Newest returns what Cursor.LatestOf does of a whole page, with a collector of its own that is gone afterwards.
func Newest(ctx context.Context, s Session, kind Kind, begin time.Time, settings Settings) (body []byte, err error) {
	err = glance(ctx, s, kind, begin, settings, func(c *Cursor) error {
		body, err = c.LatestOf(ctx, settings.PageSize)
		return err
	})
	return body, err
}

// glance lends a cursor without a doorbell.
func glance(ctx context.Context, s Session, kind Kind, begin time.Time, settings Settings, look func(*Cursor) error) error {
	c, err := create(ctx, s, kind, begin, settings)
	if err != nil {
		return err
	}
	err = look(c)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = c.destroy(ctx) // the session remembers what could not be destroyed
	return err
}

// create makes a collector without a doorbell. One item in latestPage is enough: with the default page a vCenter would
// send ten with every event.
func create(ctx context.Context, s Session, kind Kind, begin time.Time, settings Settings) (*Cursor, error) {
	collector, err := kind.Create(ctx, s.Client(), begin)
	if err != nil {
		return nil, fmt.Errorf("create history collector: %w", err)
	}
	c := &Cursor{session: s, kind: kind, settings: settings, collector: collector}
	if err := c.setLatest(ctx, 1); err != nil {
		return nil, errors.Join(err, c.destroy(ctx))
	}
	return c, nil
}

// setLatest sets how many items latestPage has.
func (c *Cursor) setLatest(ctx context.Context, count int32) error {
	if _, err := methods.SetCollectorPageSize(ctx, c.session.Client(), &types.SetCollectorPageSize{This: c.collector, MaxCount: count}); err != nil {
		return fmt.Errorf("set page size of history collector: %w", err)
	}
	return nil
}

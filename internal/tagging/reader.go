package tagging

import (
	"context"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vapi/tags"
)

const (
	// maxBatch is how many objects one request may ask for.
	maxBatch = 2000
	// maxHalvings bounds what the search for refused objects costs: one among 2,000 takes 11.
	maxHalvings = 36
)

// reader reads the tags of objects, once.
type reader struct {
	client   *client
	names    *names
	halvings int // left

	ids     map[string][]string // of tags, by moref
	inVain  []object            // that stay as they were
	refused []object            // those of them that vCenter refused one by one
	refusal error               // the last
}

// read asks for all of the objects. It fails where vCenter refused everything.
func (r *reader) read(ctx context.Context, objects []object) (map[string]*label, error) {
	r.ids, r.halvings = map[string][]string{}, maxHalvings
	for batch := range slices.Chunk(objects, maxBatch) {
		if err := r.batch(ctx, batch); err != nil {
			return nil, err
		}
	}
	if len(r.ids) == 0 && r.refusal != nil {
		return nil, r.refusal
	}
	return r.labels(ctx)
}

// batch halves what vCenter refuses, down to the objects that are to blame.
func (r *reader) batch(ctx context.Context, batch []object) error {
	found, err := do(ctx, r.client, func(a api) ([]tags.AttachedTags, error) { return a.attached(ctx, batch) })
	switch {
	case err == nil:
		r.note(batch, found)
		return nil
	case !isRefused(err):
		return err
	}
	r.refusal = err
	if len(batch) == 1 {
		r.refused = append(r.refused, batch...)
	}
	if len(batch) == 1 || r.halvings == 0 {
		r.inVain = append(r.inVain, batch...)
		return nil
	}
	r.halvings--
	if err := r.batch(ctx, batch[:len(batch)/2]); err != nil {
		return err
	}
	return r.batch(ctx, batch[len(batch)/2:])
}

// note keeps an answer, which leaves out objects without tags.
func (r *reader) note(batch []object, found []tags.AttachedTags) {
	for _, o := range batch {
		r.ids[o.Value] = nil
	}
	for _, f := range found {
		if f.ObjectID == nil {
			continue
		}
		moref := f.ObjectID.Reference().Value
		if _, asked := r.ids[moref]; asked {
			r.ids[moref] = f.TagIDs
		}
	}
}

// labels turns IDs into tags. Few sets of tags are worn by many objects.
func (r *reader) labels(ctx context.Context) (map[string]*label, error) {
	labels, sets := make(map[string]*label, len(r.ids)), map[string]*label{"": nothing}
	for moref, ids := range r.ids {
		slices.Sort(ids)
		set := strings.Join(ids, " ")
		if sets[set] == nil {
			l, err := r.label(ctx, ids)
			if err != nil {
				return nil, err
			}
			sets[set] = l
		}
		labels[moref] = sets[set]
	}
	return labels, nil
}

func (r *reader) label(ctx context.Context, ids []string) (*label, error) {
	var tags []Tag
	for _, id := range ids {
		tag, err := r.names.tag(ctx, r.client, id)
		if err != nil {
			return nil, err
		}
		if tag.Name != "" {
			tags = append(tags, tag)
		}
	}
	return newLabel(tags), nil
}

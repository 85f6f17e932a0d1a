package event

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// compiler turns lists into what matches, and gathers what is wrong with them.
type compiler struct {
	errs []error
}

func (c *compiler) reject(key, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(key+": "+format, args...))
}

func (c *compiler) rule(key string, r Rule) rule {
	return rule{
		types:      c.patterns(key+"types", r.Types),
		categories: c.categories(key+"categories", r.Categories),
		users:      c.users(key+"users", r.Users),
	}
}

func (c *compiler) exclusion(key string, r Rule) rule {
	compiled := c.rule(key+"::", r)
	if len(r.Types)+len(r.Categories)+len(r.Users) == 0 {
		c.reject(key, "a rule without conditions would exclude every event")
	}
	return compiled
}

func (c *compiler) patterns(key string, list []string) []pattern {
	var patterns []pattern
	for _, text := range list {
		p, err := newPattern(text)
		switch {
		case strings.TrimSpace(text) != text || strings.TrimPrefix(text, classSpace) == "":
			c.reject(key, "%q is no type of event", text)
		case err != nil:
			c.reject(key, "%q is no glob: %w", text, err)
		}
		patterns = append(patterns, p)
	}
	return patterns
}

// categories are those of vCenter's catalog.
var categories = []string{"info", "warning", "error", "user"}

func (c *compiler) categories(key string, list []string) []string {
	for _, category := range list {
		if !slices.Contains(categories, category) {
			c.reject(key, "%q is none of %s", category, strings.Join(categories, ", "))
		}
	}
	return list
}

func (c *compiler) users(key string, list []string) []string {
	if slices.Contains(list, "") {
		c.errs = append(c.errs, errors.New(key+": a name is empty"))
	}
	return list
}

func (c *compiler) entity(key string, list []string) Entity {
	switch len(list) {
	case 0:
		return Entity{}
	case 1:
		entity, err := parseEntity(list[0])
		if err != nil {
			c.reject(key, "%w", err)
		}
		return entity
	}
	c.reject(key, "%d of them, and vCenter filters by one: name a folder above them, or give each a receiver of its own", len(list))
	return Entity{}
}

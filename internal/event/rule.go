package event

import (
	"encoding/json"
	"slices"
	"strings"
)

// Rule is a set of conditions that must all hold. A list that is empty is no condition.
type Rule struct {
	Types      []string
	Categories []string
	Users      []string
}

// rule is a Rule, compiled.
type rule struct {
	types      []pattern
	categories []string
	users      []string
}

func (r rule) isZero() bool { return len(r.types)+len(r.categories)+len(r.users) == 0 }

func (r rule) match(e *Event, c *Catalog) bool {
	return r.matchType(e) && r.matchUser(e) && r.matchCategory(e, c)
}

func (r rule) matchType(e *Event) bool {
	if len(r.types) == 0 {
		return true
	}
	id := e.TypeID()
	return slices.ContainsFunc(r.types, func(p pattern) bool { return p.match(e.Class, id) })
}

func (r rule) matchUser(e *Event) bool {
	return len(r.users) == 0 ||
		slices.ContainsFunc(r.users, func(user string) bool { return strings.EqualFold(user, e.UserName) })
}

func (r rule) matchCategory(e *Event, c *Catalog) bool {
	return len(r.categories) == 0 || slices.Contains(r.categories, c.CategoryOf(e))
}

// print is the same for rules that mean the same.
func (r rule) print() string {
	patterns := make([]string, len(r.types))
	for i, p := range r.types {
		patterns[i] = p.String()
	}
	users := make([]string, len(r.users))
	for i, user := range r.users {
		users[i] = strings.ToLower(user)
	}
	text, _ := json.Marshal([][]string{distinct(patterns), distinct(r.categories), distinct(users)}) // strings cannot fail
	return string(text)
}

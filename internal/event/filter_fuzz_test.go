package event_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// FuzzFilter holds a filter against an interpreter that reads the same settings word for word. Settings are lines of a
// key and a value; the category is what vCenter's catalog says of the event's type.
func FuzzFilter(f *testing.F) {
	f.Add("types VmEvent\nexclude_users root", "VmPoweredOnEvent", "", "root", "", "")
	f.Add("types com.vmware.*\ncategories warning", "EventEx", "com.vmware.vc.ha.VmRestartedByHAEvent", "", "warning", "info")
	f.Add("types License*\nexclude_types vim.event.L*", "EventEx", "vim.event.LicenseDowngradedEvent", "a", "", "")
	f.Add("types vim.event.VmTeleportedEvent", "VmTeleportedEvent", "", "ALICE", "", "user")
	f.Add("rule\nrule_types UserLog*\nrule_users backup", "UserLoginSessionEvent", "", "Backup", "", "info")
	f.Add("categories info\ncategories error\nrule\nrule_categories info\nrule_types VmEvent", "VmRemovedEvent", "", "", "", "Info")
	f.Fuzz(func(t *testing.T, lines, class, id, user, severity, category string) {
		settings := parseFilter(lines)
		filter, err := event.NewFilter(settings)
		if err != nil || strings.ContainsAny(lines, `[\`) || !utf8.ValidString(lines+class+id) {
			return
		}
		e := fuzzEvent(class, id, user, severity)
		catalog := event.NewCatalog([]types.EventDescriptionEventDetail{{Key: e.TypeID(), Category: category}})
		want := interpret(settings, e, strings.ToLower(category))
		require.Equal(t, want, filter.Match(e, catalog), "%q of %s by %s, filtered by %+v", e.TypeID(), class, user, settings)
		if want {
			checkNarrow(t, filter.Narrow(), e)
		}
	})
}

// checkNarrow wants an event to be among those that vCenter leaves for us: whether it compares IDs alone, or classes too, as
// the simulator does.
func checkNarrow(t *testing.T, spec types.EventFilterSpec, e *event.Event) {
	require.True(t, len(spec.EventTypeId) == 0 || slices.Contains(spec.EventTypeId, e.TypeID()), "left out by %q", spec.EventTypeId)
	kept, err := journal.Decode(e.Class, "<eventTypeId>"+e.Fields.Text("eventTypeId")+"</eventTypeId>")
	if err != nil || journal.TypeID(kept) != e.TypeID() {
		return // it cannot be written as XML, or has no ID where vCenter's always have one
	}
	history := journal.New(journal.Settings{})
	history.Append(kept)
	require.Len(t, history.Cursor(spec).Next(2), 1, "left out by the simulator: %q", spec.EventTypeId)
}

func parseFilter(lines string) (s event.FilterSettings) {
	for line := range strings.SplitSeq(lines, "\n") {
		key, value, _ := strings.Cut(line, " ")
		lists := map[string]*[]string{
			"types": &s.Types, "exclude_types": &s.ExcludeTypes, "categories": &s.Categories,
			"users": &s.Users, "exclude_users": &s.ExcludeUsers,
		}
		if key == "rule" {
			s.Exclude = append(s.Exclude, event.Rule{})
		}
		if n := len(s.Exclude); n > 0 {
			rule := &s.Exclude[n-1]
			lists["rule_types"], lists["rule_users"], lists["rule_categories"] = &rule.Types, &rule.Users, &rule.Categories
		}
		if list, ok := lists[key]; ok {
			*list = append(*list, value)
		}
	}
	return s
}

func fuzzEvent(class, id, user, severity string) *event.Event {
	e := &event.Event{Class: class, UserName: user}
	for name, text := range map[string]string{"eventTypeId": id, "severity": severity} {
		e.Fields = append(e.Fields, soapxml.Element{Name: name, Text: text, Span: 1})
	}
	return e
}

func interpret(s event.FilterSettings, e *event.Event, category string) bool {
	if !interpretRule(event.Rule{Types: s.Types, Categories: s.Categories, Users: s.Users}, e, category) {
		return false
	}
	exclude := slices.Clone(s.Exclude)
	if s.ExcludeTypes != nil {
		exclude = append(exclude, event.Rule{Types: s.ExcludeTypes})
	}
	if s.ExcludeUsers != nil {
		exclude = append(exclude, event.Rule{Users: s.ExcludeUsers})
	}
	for _, rule := range exclude {
		if interpretRule(rule, e, category) {
			return false
		}
	}
	return true
}

func interpretRule(r event.Rule, e *event.Event, category string) bool {
	if severity := e.Fields.Text("severity"); severity != "" && (e.Class == "EventEx" || e.Class == "ExtendedEvent") {
		category = strings.ToLower(severity)
	}
	user := func(name string) bool { return strings.EqualFold(name, e.UserName) }
	typed := func(text string) bool { return interpretType(text, e) }
	return (len(r.Types) == 0 || slices.ContainsFunc(r.Types, typed)) &&
		(len(r.Users) == 0 || slices.ContainsFunc(r.Users, user)) &&
		(len(r.Categories) == 0 || slices.Contains(r.Categories, category))
}

func interpretType(text string, e *event.Event) bool {
	id := e.TypeID()
	bare, spaced := strings.CutPrefix(id, "vim.event.")
	if strings.ContainsAny(text, "*?") {
		return star(text, id) || spaced && star(text, bare) || id == e.Class && star(text, "vim.event."+id)
	}
	name := strings.TrimPrefix(text, "vim.event.")
	if name == "Event" || name == id || under(name, e.Class) {
		return true
	}
	_, class := types.TypeFunc()(name)
	known := class && under(name, name)
	foreign := name == text && strings.Contains(name, ".")
	return !known && !foreign && "vim.event."+name == id
}

// under reports whether a class is another one, or below it in govmomi.
func under(above, class string) bool {
	if above == class {
		return true
	}
	t, ok := types.TypeFunc()(class)
	if !ok || t.Name() != class || t.Kind() != reflect.Struct || !reflect.PointerTo(t).Implements(reflect.TypeFor[types.BaseEvent]()) {
		return false
	}
	field, ok := t.FieldByName(above)
	return ok && field.Anonymous && above != "DynamicData"
}

// star matches a glob of stars and question marks.
func star(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		_, size := utf8.DecodeRuneInString(text)
		return star(pattern[1:], text) || text != "" && star(pattern, text[size:])
	case text == "":
		return false
	}
	p, i := utf8.DecodeRuneInString(pattern)
	c, j := utf8.DecodeRuneInString(text)
	return (p == '?' || p == c) && star(pattern[i:], text[j:])
}

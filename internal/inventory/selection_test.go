package inventory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A rule holds where all of its conditions do, exclusions win, and a folder stands for what is below it.
func TestWhomASelectionSelects(t *testing.T) {
	tags := func(string) []string { return []string{"env:prod", "team:a/b"} }
	vm := &Entity{Type: "VirtualMachine", Moref: "vm-1", Path: "/DC1/vm/prod/web-01"}
	host := &Entity{Type: "HostSystem", Moref: "host-1", Path: "/DC1/host/c1/esx-1"}
	hidden := &Entity{Type: "VirtualMachine", Moref: "vm-2"}
	paths := func(globs ...string) []SelectionRule { return []SelectionRule{{Paths: globs}} }
	tagged := func(globs ...string) []SelectionRule { return []SelectionRule{{Tags: globs}} }
	typed := func(types ...string) []SelectionRule { return []SelectionRule{{Types: types}} }
	for name, test := range map[string]struct {
		include, exclude []SelectionRule
		vm, host, hidden bool
	}{
		"no rule":             {vm: true, host: true, hidden: true},
		"a folder":            {include: paths("/DC1/vm/prod"), vm: true},
		"a folder, slashed":   {include: paths("/DC1/vm/prod/"), vm: true},
		"itself":              {include: paths("/DC1/vm/prod/web-01"), vm: true},
		"not a prefix":        {include: paths("/DC1/vm/pro")},
		"below it":            {include: paths("/DC1/vm/prod/web-01/x")},
		"a star":              {include: paths("/DC?/*/p*"), vm: true},
		"a star in one name":  {include: paths("/DC*/web-01")},
		"one of two":          {include: paths("/DC2", "/DC1/host"), host: true},
		"a type":              {include: typed("HostSystem"), host: true},
		"all but a type":      {exclude: typed("VirtualMachine"), host: true},
		"a tag":               {include: tagged("env:*"), vm: true, host: true, hidden: true},
		"a tag with a slash":  {include: tagged("team:*"), vm: true, host: true, hidden: true},
		"another tag":         {include: tagged("env:test")},
		"all of a rule":       {include: []SelectionRule{{Types: []string{"VirtualMachine"}, Paths: []string{"/DC1"}}}, vm: true},
		"one of two rules":    {include: append(paths("/DC1/vm"), typed("HostSystem")...), vm: true, host: true},
		"exclusions win":      {include: paths("/DC1"), exclude: typed("VirtualMachine"), host: true},
		"hidden is not below": {exclude: paths("/DC1"), hidden: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := NewSelection(test.include, test.exclude)
			require.NoError(t, err)
			assert.Equal(t, test.vm, s.Has(vm, tags))
			assert.Equal(t, test.host, s.Has(host, tags))
			assert.Equal(t, test.hidden, s.Has(hidden, tags))
			assert.Equal(t, len(append(test.include, test.exclude...)) > 0 && append(test.include, test.exclude...)[0].Tags != nil, s.Tagged())
		})
	}
}

// Objects of a snapshot are judged as entities are.
func TestASelectionOfASnapshot(t *testing.T) {
	now := SnapshotOf("uuid", "group-d1", []Told{{Type: "VirtualMachine", Moref: "vm-1", Connection: "connected"}, {Type: "HostSystem", Moref: "host-1"}})
	s, err := NewSelection([]SelectionRule{{Types: []string{"HostSystem"}}}, nil)
	require.NoError(t, err)
	selected := s.Of(now, nil)
	assert.True(t, selected(now.Get("host-1")))
	assert.False(t, selected(now.Get("vm-1")))
	s, err = NewSelection(nil, nil)
	require.NoError(t, err)
	assert.Nil(t, s.Of(now, nil))
}

func TestWhatIsNoCondition(t *testing.T) {
	for want, rule := range map[string]SelectionRule{
		"without conditions":     {},
		`include::paths: "vm"`:   {Paths: []string{"vm"}},
		`include::paths: "/["`:   {Paths: []string{"/["}},
		`include::types: "VM"`:   {Types: []string{"VM"}},
		`include::tags: "env:["`: {Tags: []string{"env:["}},
		`include::tags: ""`:      {Tags: []string{""}},
	} {
		_, err := NewSelection([]SelectionRule{rule}, nil)
		assert.ErrorContains(t, err, want)
	}
}

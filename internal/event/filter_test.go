package event_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi"
	govmomievent "github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

// place is a simulated vCenter with an event of each kind, and a client.
type place struct {
	sim     *simulator.Simulator
	client  *govmomi.Client
	catalog *event.Catalog
	count   int // of events before those of the test
}

func newPlace(t *testing.T) *place {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	u := sim.URL()
	u.User = url.UserPassword("user", "pass")
	client, err := govmomi.NewClient(t.Context(), u, true)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, client.Logout(context.WithoutCancel(t.Context()))) })
	var manager mo.EventManager
	require.NoError(t, property.DefaultCollector(client.Client).RetrieveOne(t.Context(), *client.ServiceContent.EventManager, []string{"description.eventInfo"}, &manager))
	return &place{sim: sim, client: client, catalog: event.NewCatalog(manager.Description.EventInfo)}
}

func (p *place) fill(t *testing.T) {
	t.Helper()
	by := func(user string) types.Event { return types.Event{UserName: user} }
	vm := func(user string) types.VmEvent { return types.VmEvent{Event: by(user)} }
	p.count = p.sim.Journal().Len()
	p.sim.Append(
		&types.VmPoweredOnEvent{VmEvent: vm(`DC\Alice`)},
		&types.DrsVmPoweredOnEvent{VmPoweredOnEvent: types.VmPoweredOnEvent{VmEvent: vm("")}},
		&types.VmRemovedEvent{VmEvent: vm(`dc\alice`)},
		&types.UserLoginSessionEvent{SessionEvent: types.SessionEvent{Event: by("backup")}},
		&types.UserLogoutSessionEvent{SessionEvent: types.SessionEvent{Event: by("backup")}},
		&types.BadUsernameSessionEvent{SessionEvent: types.SessionEvent{Event: by("backup")}},
		&types.GeneralUserEvent{GeneralEvent: types.GeneralEvent{Event: by("BACKUP"), Message: "hello"}},
		&types.EventEx{Event: by("backup"), EventTypeId: "com.vmware.vc.ha.VmRestartedByHAEvent", Severity: "warning"},
		&types.EventEx{EventTypeId: "esx.problem.vmfs.heartbeat.timedout", Severity: "error"},
		&types.EventEx{EventTypeId: "vim.event.LicenseDowngradedEvent"},
		&types.ExtendedEvent{EventTypeId: "com.example.plugin/Finished"},
	)
	require.NoError(t, p.sim.AppendRaw("VmTeleportedEvent", "<key>900</key><createdTime>2026-11-21T10:00:00Z</createdTime><userName>Alice</userName>"))
}

// matching are the type IDs of those events that a filter wants out of what a server returned.
func (p *place) matching(t *testing.T, f *event.Filter, spec types.EventFilterSpec) []string {
	t.Helper()
	ids := []string{}
	for _, entry := range p.sim.Journal().Cursor(spec).Next(1000) {
		if int(entry.Seq()) <= p.count {
			continue
		}
		events := decode(t, `<returnval xsi:type="`+entry.Class()+`">`+string(entry.XML())+`</returnval>`)
		if f.Match(&events[0], p.catalog) {
			ids = append(ids, events[0].TypeID())
		}
	}
	return ids
}

// wantSent holds that a filter tells a vCenter this, and nothing that would leave out more: by a collector, and by key.
func (p *place) wantSent(t *testing.T, f *event.Filter, want types.EventFilterSpec) {
	t.Helper()
	begin := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	collector, err := f.CreateCollector(t.Context(), p.client.Client, begin)
	require.NoError(t, err)
	var made mo.EventHistoryCollector
	require.NoError(t, property.DefaultCollector(p.client.Client).RetrieveOne(t.Context(), collector, []string{"filter"}, &made))
	byTime := want
	byTime.Time = &types.EventFilterSpecByTime{BeginTime: &begin}
	assert.Equal(t, byTime, made.Filter)
	_, err = methods.DestroyCollector(t.Context(), p.client.Client, &types.DestroyCollector{This: collector}) // there may be 32
	require.NoError(t, err)

	request, err := f.ReadByKey(t.Context(), p.client.Client, 4711, true, 100)
	require.NoError(t, err)
	byKey := want
	byKey.MaxCount = 100
	assert.Equal(t, byKey, request.(*methods.QueryEventsBody).Req.Filter)
}

// What a filter wants does not depend on whether vCenter applies it or we do.
func TestFilter(t *testing.T) {
	const on, drs, removed, login, logout, bad, user, ha, esx, license, plugin, newer = "VmPoweredOnEvent", "DrsVmPoweredOnEvent",
		"VmRemovedEvent", "UserLoginSessionEvent", "UserLogoutSessionEvent", "BadUsernameSessionEvent", "GeneralUserEvent",
		"com.vmware.vc.ha.VmRestartedByHAEvent", "esx.problem.vmfs.heartbeat.timedout", "vim.event.LicenseDowngradedEvent",
		"com.example.plugin/Finished", "VmTeleportedEvent"
	all := []string{on, drs, removed, login, logout, bad, user, ha, esx, license, plugin, newer}
	type settings = event.FilterSettings
	type server = types.EventFilterSpec
	types := func(list ...string) settings { return settings{Types: list} }
	tests := map[string]struct {
		settings settings
		want     []string
		narrow   []string // what vCenter is told
		server   *server  // a vCenter's own filter that means the same
	}{
		"none":               {settings{}, all, nil, &server{}},
		"a class":            {types(login), []string{login}, []string{login}, &server{EventTypeId: []string{login}}},
		"with its space":     {types("vim.event." + login), []string{login}, []string{login}, nil},
		"a subclass, too":    {types(on), []string{on, drs}, nil, &server{EventTypeId: []string{on}}},
		"a family":           {types("VmEvent"), []string{on, drs, removed}, nil, &server{EventTypeId: []string{"VmEvent"}}},
		"the family of all":  {types("Event"), all, nil, &server{EventTypeId: []string{"Event"}}},
		"an envelope":        {types("EventEx"), []string{ha, esx, license}, nil, &server{EventTypeId: []string{"EventEx"}}},
		"an ID":              {types(ha), []string{ha}, []string{ha}, &server{EventTypeId: []string{ha}}},
		"an ID in our space": {types(license), []string{license}, nil, &server{EventTypeId: []string{license}}},
		"without its space":  {types("LicenseDowngradedEvent"), []string{license}, nil, nil},
		"a class to come":    {types(newer), []string{newer}, nil, &server{EventTypeId: []string{newer}}},
		"its space":          {types("vim.event." + newer), []string{newer}, nil, nil},
		"several":            {types(login, ha), []string{login, ha}, []string{login, ha}, &server{EventTypeId: []string{login, ha}}},
		"case counts":        {types("userloginsessionevent"), []string{}, nil, &server{EventTypeId: []string{"userloginsessionevent"}}},
		"a glob":             {types("VmPowered*"), []string{on}, nil, nil},
		"globs":              {types("*Session*", "com.vmware.*"), []string{login, logout, bad, ha}, nil, nil},
		"a glob and an ID":   {types("com.*", login), []string{login, ha, plugin}, nil, nil},
		"a glob over all":    {types("*"), all, nil, nil},
		"a glob in a space":  {types("vim.event.*"), []string{on, drs, removed, login, logout, bad, user, license, newer}, nil, nil},
		"a glob without it":  {types("License*"), []string{license}, nil, nil},
		"a choice":           {types("User[LG]ogin*", "UserLog?utSession*"), []string{login, logout}, nil, nil},
		"a slash":            {types("com.*Finished", "com.example.plugin/F*"), []string{plugin}, nil, nil},
		"not a class":        {settings{ExcludeTypes: []string{"VmEvent", "SessionEvent"}}, []string{user, ha, esx, license, plugin, newer}, nil, nil},
		"but for a subclass": {settings{Types: []string{"VmEvent"}, ExcludeTypes: []string{drs}}, []string{on, removed}, nil, nil},
		"but for a glob":     {settings{Types: []string{login, logout}, ExcludeTypes: []string{"*Logout*"}}, []string{login}, []string{login, logout}, nil},
		"categories": {settings{Categories: []string{"warning", "user"}}, []string{user, ha, license}, nil,
			&server{Category: []string{"warning", "user"}}},
		"a category of IDs": {settings{Types: []string{login, ha}, Categories: []string{"warning"}}, []string{ha}, []string{login, ha}, nil},
		"a user of IDs":     {settings{Types: []string{login, ha, esx}, Users: []string{"BackUp"}}, []string{login, ha}, []string{login, ha, esx}, nil},
		"users": {settings{Users: []string{"BackUp", `dc\ALICE`}}, []string{on, removed, login, logout, bad, user, ha}, nil,
			&server{UserName: &userName{UserList: []string{"BackUp", `dc\ALICE`}}}},
		"not a part of a name": {settings{Users: []string{"alice"}}, []string{newer}, nil, &server{UserName: &userName{UserList: []string{"alice"}}}},
		"not a user":           {settings{ExcludeUsers: []string{"backup"}}, []string{on, drs, removed, esx, license, plugin, newer}, nil, nil},
		"all keys": {settings{Types: []string{"SessionEvent", "Vm*"}, Users: []string{"backup"}, Categories: []string{"error"}, ExcludeTypes: []string{login}},
			[]string{bad}, nil, nil},
		"a rule": {settings{Exclude: []event.Rule{{Types: []string{"UserLog*"}, Users: []string{"backup"}}}},
			[]string{on, drs, removed, bad, user, ha, esx, license, plugin, newer}, nil, nil},
		"a rule that holds in part": {settings{Exclude: []event.Rule{{Types: []string{"UserLog*"}, Users: []string{"Alice"}}}}, all, nil, nil},
		"rules": {settings{Exclude: []event.Rule{{Categories: []string{"info"}}, {Types: []string{"*"}, Categories: []string{"error"}}}},
			[]string{user, ha, license, plugin, newer}, nil, nil},
	}
	p := newPlace(t)
	p.fill(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := event.NewFilter(test.settings)
			require.NoError(t, err)
			narrow := f.Narrow()
			p.wantSent(t, f, server{EventTypeId: test.narrow})
			assert.Equal(t, test.want, p.matching(t, f, server{}), "filtered here")
			assert.Equal(t, test.want, p.matching(t, f, narrow), "narrowed by vCenter")
			if test.server != nil {
				assert.Equal(t, test.want, p.matching(t, nil, *test.server), "filtered by vCenter")
			}
		})
	}
}

type userName = types.EventFilterSpecByUsername

// A govmomi client that is given what vCenter is told gets what the filter wants, whatever vCenter makes of classes.
func TestNarrowIsReadByAnyClient(t *testing.T) {
	p := newPlace(t)
	p.fill(t)
	f, err := event.NewFilter(event.FilterSettings{Types: []string{"UserLogoutSessionEvent", "esx.problem.vmfs.heartbeat.timedout"}})
	require.NoError(t, err)
	got, err := govmomievent.NewManager(p.client.Client).QueryEvents(t.Context(), f.Narrow())
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.IsType(t, &types.EventEx{}, got[0])
	assert.IsType(t, &types.UserLogoutSessionEvent{}, got[1])
}

func TestEntityOfAFilter(t *testing.T) {
	p := newPlace(t)
	places := p.sim.Inventory()
	require.NotEmpty(t, places)
	one := places[0]
	p.count = p.sim.Journal().Len()
	p.sim.Append(
		&types.VmPoweredOnEvent{VmEvent: types.VmEvent{Event: types.Event{Vm: &one.VM}}},
		&types.HostConnectedEvent{HostEvent: types.HostEvent{Event: types.Event{Host: &one.Host}}},
		&types.GeneralUserEvent{},
	)
	var datacenter mo.Datacenter
	require.NoError(t, property.DefaultCollector(p.client.Client).RetrieveOne(t.Context(), one.Datacenter.Datacenter, []string{"vmFolder"}, &datacenter))
	folder := datacenter.VmFolder
	tests := map[string]struct {
		entity string
		ref    types.ManagedObjectReference
		want   []string
	}{
		"a reference":        {one.VM.Vm.String(), one.VM.Vm, []string{"VmPoweredOnEvent"}},
		"a path":             {"/" + one.Datacenter.Name + "/vm/" + one.VM.Name, one.VM.Vm, []string{"VmPoweredOnEvent"}},
		"all below a folder": {"/" + one.Datacenter.Name + "/vm", folder, []string{"VmPoweredOnEvent"}},
		"all below a host":   {one.Host.Host.String(), one.Host.Host, []string{"VmPoweredOnEvent", "HostConnectedEvent"}},
		"all below":          {"/" + one.Datacenter.Name, one.Datacenter.Datacenter, []string{"VmPoweredOnEvent", "HostConnectedEvent"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := event.NewFilter(event.FilterSettings{Entities: []string{test.entity}})
			require.NoError(t, err)
			assert.True(t, f.Narrows())
			spec := types.EventFilterSpec{Entity: &types.EventFilterSpecByEntity{Entity: test.ref, Recursion: types.EventFilterSpecRecursionOptionAll}}
			p.wantSent(t, f, spec)
			assert.Equal(t, test.want, p.matching(t, f, spec))
		})
	}
}

// An entity that is not there is named, and does not read as a session that is gone.
func TestAnEntityThatIsNotThere(t *testing.T) {
	p := newPlace(t)
	for _, entity := range []string{"/DC0/vm/no such VM", "VirtualMachine:vm-999"} {
		f, err := event.NewFilter(event.FilterSettings{Entities: []string{entity}})
		require.NoError(t, err)
		_, err = f.CreateCollector(t.Context(), p.client.Client, time.Time{})
		var missing *event.NoEntityError
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, entity, missing.Entity)
		assert.ErrorContains(t, err, entity)
	}
}

// Records keep the fingerprint: for settings that mean the same it is the same, today and in the next version.
func TestFingerprint(t *testing.T) {
	print := func(s event.FilterSettings) string {
		f, err := event.NewFilter(s)
		require.NoError(t, err)
		return f.Fingerprint()
	}
	assert.Empty(t, print(event.FilterSettings{}))
	one := event.FilterSettings{
		Types: []string{"vim.event.VmEvent", "esx.*"}, Users: []string{"Alice", "bob"}, Categories: []string{"info", "error"},
		ExcludeTypes: []string{"VmRemovedEvent"}, ExcludeUsers: []string{"backup"}, Entities: []string{"/DC0/vm"},
		Exclude: []event.Rule{{Types: []string{"UserLog*"}, Users: []string{"root"}}, {Categories: []string{"user"}}},
	}
	same := event.FilterSettings{
		Types: []string{"esx.*", "VmEvent", "esx.*"}, Users: []string{"BOB", "alice"}, Categories: []string{"error", "info"},
		ExcludeTypes: []string{"VmRemovedEvent"}, ExcludeUsers: []string{"Backup"}, Entities: []string{"/DC0/vm/"},
		Exclude: []event.Rule{{Categories: []string{"user"}}, {Types: []string{"UserLog*"}, Users: []string{"ROOT"}}},
	}
	assert.Equal(t, print(one), print(same))
	assert.Equal(t, "3bdefa39a8216879", print(one))
	prints := map[string]bool{print(one): true}
	for _, change := range []func(*event.FilterSettings){
		func(s *event.FilterSettings) { s.Types = []string{"VmEvent"} },
		func(s *event.FilterSettings) { s.Users = nil },
		func(s *event.FilterSettings) { s.Categories = []string{"info"} },
		func(s *event.FilterSettings) { s.ExcludeTypes = nil },
		func(s *event.FilterSettings) { s.ExcludeUsers = []string{"root"} },
		func(s *event.FilterSettings) { s.Entities = []string{"/DC1"} },
		func(s *event.FilterSettings) { s.Exclude = s.Exclude[:1] },
		func(s *event.FilterSettings) { s.Types, s.ExcludeTypes = s.ExcludeTypes, s.Types },
	} {
		other := one
		change(&other)
		assert.NotContains(t, prints, print(other))
		prints[print(other)] = true
	}
}

// What is wrong with a filter is said with its key, all of it at once.
func TestFiltersThatCannotWork(t *testing.T) {
	_, err := event.NewFilter(event.FilterSettings{
		Types: []string{"Vm[", ""}, ExcludeTypes: []string{"vim.event.", " VmEvent"}, Categories: []string{"warn"},
		Users: []string{""}, ExcludeUsers: []string{"root", ""}, Entities: []string{"vm-42"},
		Exclude: []event.Rule{{}, {Types: []string{`a\`}, Categories: []string{"INFO"}, Users: []string{""}}},
	})
	require.Error(t, err)
	assert.Equal(t, strings.Split(`types: "Vm[" is no glob: syntax error in pattern
types: "" is no type of event
categories: "warn" is none of info, warning, error, user
users: a name is empty
exclude_types: "vim.event." is no type of event
exclude_types: " VmEvent" is no type of event
exclude_users: a name is empty
exclude[0]: a rule without conditions would exclude every event
exclude[1]::types: "a\\" is no glob: syntax error in pattern
exclude[1]::categories: "INFO" is none of info, warning, error, user
exclude[1]::users: a name is empty
entities: "vm-42" is neither a path in the inventory such as /DC1/vm/web-01 nor a reference such as VirtualMachine:vm-42`, "\n"), strings.Split(err.Error(), "\n"))
	_, err = event.NewFilter(event.FilterSettings{Entities: []string{"/a", "/b"}})
	require.ErrorContains(t, err, "entities: 2 of them, and vCenter filters by one")
}

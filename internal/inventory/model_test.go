package inventory

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// model is a vCenter that changes at random, and what a watcher of it would be sent.
type model struct {
	random  *rand.Rand
	objects map[string]map[string]string // by moref: paths and the content of their values
	made    int
}

var modelPaths = []string{"name", "parent", "runtime.powerState", "guest", "datastore", "config.hardware", "config.annotation"}

// value is a random one: texts, sets in any order, and lists whose elements come and go.
func (m *model) value(path string) string {
	n := func(most int) int { return m.random.IntN(most) }
	switch path {
	case "name":
		return fmt.Sprintf("name-%d", n(5))
	case "parent":
		return "group-d1"
	case "runtime.powerState":
		return []string{"poweredOn", "poweredOff", "suspended"}[n(3)]
	case "guest":
		return fmt.Sprintf("<hostName>h%d</hostName><disk><diskPath>/</diskPath><capacity>%d</capacity><freeSpace>%d</freeSpace></disk>", n(3), n(2), n(100))
	case "datastore":
		return strings.Join(m.some(4, `<ManagedObjectReference type="Datastore">datastore-%d</ManagedObjectReference>`), "")
	case "config.hardware":
		devices := m.some(4, `<device xsi:type="VirtualDisk"><key>%d</key><capacityInKB>SIZE</capacityInKB><controllerKey>1</controllerKey></device>`)
		for i := range devices {
			devices[i] = strings.Replace(devices[i], "SIZE", fmt.Sprint(n(3)), 1)
		}
		return "<numCPU>2</numCPU>" + strings.Join(devices, "")
	}
	return strings.Repeat("a", n(3)) // maybe empty
}

// some are some of n, in any order.
func (m *model) some(n int, format string) (all []string) {
	for _, i := range m.random.Perm(n)[:m.random.IntN(n+1)] {
		all = append(all, fmt.Sprintf(format, i))
	}
	return all
}

func valueType(path string) string {
	switch path {
	case "datastore":
		return "ArrayOfManagedObjectReference"
	case "config.hardware":
		return "VirtualHardware"
	case "guest":
		return "GuestInfo"
	}
	return "xsd:string"
}

// step changes something, and returns the update that tells it.
func (m *model) step() string {
	moref := m.any()
	switch {
	case moref == "" || m.random.IntN(5) == 0:
		m.made++
		moref = fmt.Sprintf("vm-%d", m.made)
		m.objects[moref] = map[string]string{}
		for _, path := range modelPaths {
			m.objects[moref][path] = m.value(path)
		}
		return m.enter(moref)
	case m.random.IntN(10) == 0:
		delete(m.objects, moref)
		return objectSet("leave", "VirtualMachine", moref)
	}
	var changes []string
	for range 1 + m.random.IntN(3) {
		path := modelPaths[m.random.IntN(len(modelPaths))]
		m.objects[moref][path] = m.value(path)
		if m.random.IntN(10) == 0 && path != "parent" {
			m.objects[moref][path] = ""
		}
		changes = append(changes, m.change(moref, path))
	}
	return objectSet("modify", "VirtualMachine", moref, changes...)
}

func (m *model) any() string {
	var morefs []string
	for moref := range m.objects {
		morefs = append(morefs, moref)
	}
	if len(morefs) == 0 {
		return ""
	}
	slices.Sort(morefs)
	return morefs[m.random.IntN(len(morefs))]
}

func (m *model) change(moref, path string) string {
	if content := m.objects[moref][path]; content != "" {
		return assign(path, valueType(path), content)
	}
	return unset(path)
}

func (m *model) enter(moref string) string {
	var changes []string
	for _, path := range modelPaths {
		if m.objects[moref][path] != "" {
			changes = append(changes, m.change(moref, path))
		}
	}
	return objectSet("enter", "VirtualMachine", moref, changes...)
}

func (m *model) everything() []string {
	all := []string{root}
	for moref := range m.objects {
		all = append(all, m.enter(moref))
	}
	return all
}

// send applies updates in parts, as a watcher does.
func send(t *testing.T, c *Cache, random *rand.Rand, full bool, sets ...string) {
	t.Helper()
	f := newFlattener()
	var parts []updateSet
	for len(sets) > 0 {
		n := 1 + random.IntN(len(sets))
		part, err := decode(answer("v", n < len(sets), sets[:n]...), f)
		require.NoError(t, err)
		parts, sets = append(parts, part), sets[n:]
	}
	_, err := c.apply(parts, time.Unix(1, 0), places{"group-d1", "CustomFieldsManager"}, full)
	require.NoError(t, err)
}

// ledger is what somebody knows who heard of every change and of nothing else: tracked properties by moref.
type ledger map[string]map[string]string

// hear takes a change, which must continue what was heard before.
func (l ledger) hear(t *testing.T, c Change) {
	t.Helper()
	moref := c.Entity.Moref
	switch c.Type {
	case Created:
		require.NotContains(t, l, moref, "created twice")
		l[moref] = map[string]string{}
	case Removed:
		require.Contains(t, l, moref, "removed twice")
		delete(l, moref)
	case Changed:
		require.NotEqual(t, c.Old, c.New)
		require.Equal(t, expand(t, c.Property, c.Old), l.below(moref, c.Property), "%s of %s", c.Property, moref)
		for name := range l.below(moref, c.Property) {
			delete(l[moref], name)
		}
		maps.Copy(l[moref], expand(t, c.Property, c.New))
	}
}

// below is what is known of a property: one value, or all of a list element that is new or gone.
func (l ledger) below(moref, property string) map[string]string {
	known := map[string]string{}
	for name, value := range l[moref] {
		if name == property || strings.HasPrefix(name, property+".") {
			known[name] = value
		}
	}
	return known
}

// expand is what a value says of properties.
func expand(t *testing.T, property, value string) map[string]string {
	t.Helper()
	all := map[string]string{}
	if !strings.HasPrefix(value, "{") {
		if value != "" {
			all[property] = value
		}
		return all
	}
	fields := map[string]string{}
	require.NoError(t, json.Unmarshal([]byte(value), &fields))
	for field, value := range fields {
		if field == "type" {
			all[property] = value
		} else {
			all[property+"."+field] = value
		}
	}
	return all
}

// What comes as increments, in parts, over resyncs and restarts is what is there; and whoever heard the changes knows it.
func TestIncrementsAreTheStateAndChangesAreToldOnce(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for round := range 30 {
		random := rand.New(rand.NewPCG(seed, uint64(round)))
		m := &model{random: random, objects: map[string]map[string]string{}}
		tracking, err := NewTracking(nil)
		require.NoError(t, err)
		c, state, heard := NewCache("uuid"), NewState(tracking), ledger{}
		send(t, c, random, true, m.everything()...)
		for range 40 {
			switch random.IntN(8) {
			case 0: // an answer was lost: everything is read again
				m.step()
				send(t, c, random, true, m.everything()...)
			case 1: // a restart
				m.step()
				state = restarted(t, tracking, state)
				c = awaiting()
				early := random.IntN(2) == 0
				if early {
					c.Recall(state)
				}
				send(t, c, random, true, m.everything()...)
				if !early {
					c.Recall(state)
				}
			default:
				var sets []string
				for range 1 + random.IntN(4) {
					sets = append(sets, m.step())
				}
				send(t, c, random, false, sets...)
			}
			state = tell(t, state, c, heard, random)
		}
		assertSame(t, m, c, random)
	}
}

// tell delivers what is new, sometimes only a part of it.
func tell(t *testing.T, state *State, c *Cache, heard ledger, random *rand.Rand) *State {
	t.Helper()
	deltas, state := state.Compare("uuid", c.Snapshot())
	deltas = deltas[:random.IntN(len(deltas)+1)]
	if n := len(deltas); n > 0 && random.IntN(3) == 0 { // of one, not every change is taken
		if part := deltas[n-1].Part(func(*Change) bool { return random.IntN(2) == 0 }); len(part.Changes) > 0 {
			deltas[n-1] = part
		} else {
			deltas = deltas[:n-1]
		}
	}
	for _, d := range deltas {
		for _, change := range d.Changes {
			heard.hear(t, change)
		}
		if d.now == nil {
			continue
		}
		known := maps.Collect(state.tracking.tracked(d.now))
		if d.Changes[0].Type == Created { // what it is like then is not told
			heard[d.moref] = known
		}
		require.Equal(t, known, heard[d.moref])
	}
	return state.With(deltas...)
}

func restarted(t *testing.T, tracking *Tracking, s *State) *State {
	t.Helper()
	record, err := tracking.Codec().Encode(s)
	require.NoError(t, err)
	decoded, err := tracking.Codec().Decode(record)
	require.NoError(t, err)
	again, err := tracking.Codec().Encode(decoded)
	require.NoError(t, err)
	require.Equal(t, record, again)
	return decoded
}

func assertSame(t *testing.T, m *model, c *Cache, random *rand.Rand) {
	t.Helper()
	fresh := NewCache("uuid")
	send(t, fresh, random, true, m.everything()...)
	require.Equal(t, fresh.Snapshot().Len(), c.Snapshot().Len())
	for o := range fresh.Snapshot().All() {
		assert.True(t, o.equal(c.Snapshot().Get(o.Moref)), "%+v\n%+v", o, c.Snapshot().Get(o.Moref))
	}
}

package inventory

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// awaiting is the cache of a vCenter of which an earlier life is recalled when it was read already.
func awaiting() *Cache {
	c := NewCache("uuid")
	c.AwaitRecall()
	return c
}

// delivered is what an earlier life knew of one machine.
func delivered(t *testing.T, properties ...string) *State {
	t.Helper()
	c := NewCache("uuid")
	send(t, c, model0(), true, root, theMachine(properties...))
	return restarted(t, tracks(t), NewState(tracks(t)).Baseline(c.Snapshot()))
}

func theMachine(properties ...string) string {
	return objectSet("enter", "VirtualMachine", "vm-1", append([]string{text("name", "web")}, properties...)...)
}

func assertTold(t *testing.T, c *Cache, state *State, want ...string) {
	t.Helper()
	deltas, _ := state.Compare("uuid", c.Snapshot())
	assert.Equal(t, want, bodies(deltas))
}

// What is missing of objects that vanish again must not pile up; and where nobody will recall anything, nothing of it is kept.
func TestWhatIsMissingOfObjectsThatAreGoneIsForgotten(t *testing.T) {
	sets := []string{root}
	for i := range 50 {
		sets = append(sets, objectSet("enter", "VirtualMachine", fmt.Sprintf("vm-%d", i), text("name", "a"), missing("guest", "NoPermission")))
	}
	nobody, somebody := NewCache("uuid"), awaiting()
	send(t, nobody, model0(), true, sets...)
	send(t, somebody, model0(), true, sets...)
	assert.Nil(t, nobody.gaps)
	assert.Len(t, somebody.gaps, 50)
	send(t, somebody, model0(), true, sets[:11]...)
	assert.Len(t, somebody.gaps, 10)
	send(t, somebody, model0(), false, objectSet("leave", "VirtualMachine", "vm-3"))
	assert.Len(t, somebody.gaps, 9)
}

// An account that sees nothing for a moment says nothing of what is missing.
func TestARefusedReadingLeavesNoGaps(t *testing.T) {
	state := delivered(t, text("config.annotation", "a"))
	c := awaiting()
	send(t, c, model0(), true, root, theMachine()) // the annotation is gone, and was readable
	part, err := decode(answer("v", false, objectSet("enter", "Folder", "group-d1", missing("name", "NoPermission")),
		objectSet("enter", "VirtualMachine", "vm-1", missing("name", "NoPermission"), missing("config.annotation", "NoPermission"))), newFlattener())
	require.NoError(t, err)
	_, err = c.apply([]updateSet{part}, time.Unix(2, 0), places{"group-d1", "CustomFieldsManager"}, true)
	require.ErrorIs(t, err, errEmpty)
	c.Recall(state)
	assertTold(t, c, state, "VirtualMachine web: config.annotation removed, was a")
}

// That a guest has another address says nothing of its name.
func TestAModificationBelowAMissingPath(t *testing.T) {
	state := delivered(t, text("guest.hostName", "h"), text("guest.ipAddress", "1.1.1.1"))
	c := awaiting()
	send(t, c, model0(), true, root, theMachine(missing("guest", "NoPermission")))
	modify(t, c, "vm-1", text("guest.ipAddress", "2.2.2.2"))
	modify(t, c, "vm-1", unset("guest.ipAddress"))
	send(t, c, model0(), true, root, theMachine(missing("guest", "NoPermission")))
	c.Recall(state)
	assertTold(t, c, state, "VirtualMachine web: guest.ipAddress removed, was 1.1.1.1")
}

// What was read to be gone is not back when it cannot be read any more.
func TestWhatIsKnownToBeGoneIsNotLent(t *testing.T) {
	state := delivered(t, text("config.annotation", "a"))
	c := awaiting()
	send(t, c, model0(), true, root, theMachine())
	send(t, c, model0(), true, root, theMachine(missing("config.annotation", "NoPermission")))
	c.Recall(state)
	assertTold(t, c, state, "VirtualMachine web: config.annotation removed, was a")
}

// Whenever an earlier life is recalled, what has changed since is the same.
func TestALateRecallIsAsGoodAsAnEarlyOne(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for round := range 3000 {
		a := account{rand.New(rand.NewPCG(seed, uint64(round)))}
		before := NewCache("uuid")
		send(t, before, model0(), true, a.everything()...)
		state := restarted(t, tracks(t), NewState(tracks(t)).Baseline(before.Snapshot()))
		early, late := recalled(state), awaiting()
		var history []string
		apply := func(full bool, sets ...string) {
			history = append(history, strings.Join(sets, "\n"))
			send(t, early, model0(), full, sets...)
			send(t, late, model0(), full, sets...)
		}
		apply(true, a.everything()...)
		for range a.IntN(5) {
			switch moref := a.moref(); {
			case a.IntN(3) == 0:
				apply(true, a.everything()...)
			case late.Snapshot().Get(moref) == nil:
			case a.IntN(8) == 0:
				apply(false, objectSet("leave", "VirtualMachine", moref))
			default:
				apply(false, objectSet("modify", "VirtualMachine", moref, a.change()))
			}
		}
		late.Recall(state)
		want, _ := state.Compare("uuid", early.Snapshot())
		got, _ := state.Compare("uuid", late.Snapshot())
		require.Equal(t, bodies(want), bodies(got), "%s", strings.Join(history, "\n--\n"))
	}
}

// account is one that may read something else each time.
type account struct{ *rand.Rand }

func (a account) moref() string { return fmt.Sprintf("vm-%d", a.IntN(2)) }

func (a account) everything() []string {
	sets := []string{root}
	for vm := range 2 {
		if a.IntN(5) == 0 {
			continue
		}
		var all []string
		for _, property := range []string{"config.annotation", "config.guestId", "name"} {
			switch a.IntN(4) {
			case 0:
				all = append(all, missing(property, "NoPermission"))
			case 1:
			default:
				all = append(all, a.value(property))
			}
		}
		if a.IntN(2) == 0 {
			all = append(all, missing("guest", "NoPermission"))
		} else {
			all = append(all, assign("guest", "GuestInfo", fmt.Sprintf("<hostName>h%d</hostName><ipAddress>%d</ipAddress>", a.IntN(2), a.IntN(2))))
		}
		sets = append(sets, objectSet("enter", "VirtualMachine", fmt.Sprintf("vm-%d", vm), all...))
	}
	return sets
}

func (a account) value(property string) string { return text(property, fmt.Sprint(a.IntN(2))) }

func (a account) change() string {
	properties := []string{"config.annotation", "config.guestId", "name", "guest.hostName", "guest.ipAddress"}
	property := properties[a.IntN(len(properties))]
	if a.IntN(2) == 0 {
		return unset(property)
	}
	return a.value(property)
}

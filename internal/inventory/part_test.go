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

// A new drive is told as it is, whether the machine is switched on in the same record or was before: the record of it is the same when it
// is told again.
func TestANewDeviceIsTheSameRecordWithoutThePower(t *testing.T) {
	hardware := func(devices string) string {
		return assign("config.hardware", "VirtualHardware", "<numCPU>2</numCPU>"+devices)
	}
	c := NewCache("uuid")
	send(t, c, model0(), true, root, theMachine(text("runtime.powerState", "poweredOff"), hardware("")))
	state := NewState(tracks(t)).Baseline(c.Snapshot())
	modify(t, c, "vm-1", text("runtime.powerState", "poweredOn"), hardware(
		`<device xsi:type="VirtualCdrom"><key>16000</key><connectable><connected>true</connected></connectable><unitNumber>1</unitNumber></device>`))
	deltas, state := state.Compare("uuid", c.Snapshot())
	require.Len(t, deltas[0].Changes, 2)
	part := deltas[0].Part(func(c *Change) bool { return c.path == power })
	rest, _ := state.With(part).Compare("uuid", c.Snapshot())
	require.Len(t, rest[0].Changes, 1)
	assert.Equal(t, deltas[0].Changes[0].New, rest[0].Changes[0].New)
	assert.Equal(t, deltas[0].Changes[0].UID, rest[0].Changes[0].UID)
}

// Whatever is taken of what, the rest is told again as it was told before.
func TestWhatIsNotTakenIsToldAgainAsItWas(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for round := range 1000 {
		w := workshop{rand.New(rand.NewPCG(seed, uint64(round)))}
		c := NewCache("uuid")
		send(t, c, model0(), true, root, objectSet("enter", "VirtualMachine", "vm-1", w.machine()...))
		state := NewState(tracks(t)).Baseline(c.Snapshot())
		for range 5 {
			modify(t, c, "vm-1", w.machine()...)
			deltas, next := state.Compare("uuid", c.Snapshot())
			state = next
			if len(deltas) == 0 {
				continue
			}
			part := deltas[0].Part(func(*Change) bool { return w.IntN(2) == 0 })
			if len(part.Changes) == 0 {
				continue
			}
			state = restarted(t, tracks(t), state.With(part))
			rest, _ := state.Compare("uuid", c.Snapshot())
			require.ElementsMatch(t, uids(deltas), append(uids([]Delta{part}), uids(rest)...), "%v, taken %v, left %v", bodies(deltas), bodies([]Delta{part}), bodies(rest))
		}
	}
}

// workshop makes one machine, with another life each time.
type workshop struct{ *rand.Rand }

func (w workshop) machine() []string {
	on := w.IntN(2) == 0
	return []string{
		text("name", fmt.Sprintf("n%d", w.IntN(2))),
		text("runtime.powerState", map[bool]string{false: "poweredOff", true: "poweredOn"}[on]),
		assign("config.hardware", "VirtualHardware", "<numCPU>2</numCPU>"+w.devices(on)),
		text("config.annotation", fmt.Sprint(w.IntN(2))),
		assign("customValue", "ArrayOfCustomFieldValue", w.attributes()),
		assign("guest", "GuestInfo", fmt.Sprintf("<hostName>h%d</hostName>", w.IntN(2))+w.fileSystems()),
	}
}

func (w workshop) devices(on bool) string {
	var all strings.Builder
	for key := 2000; key < 2003; key++ {
		if w.IntN(3) == 0 {
			continue
		}
		plug := ""
		if w.IntN(4) > 0 {
			plug = fmt.Sprintf("<connectable><connected>%v</connected><startConnected>%v</startConnected></connectable>", on != (w.IntN(5) == 0), w.IntN(2) == 0)
		}
		class := []string{"VirtualDisk", "VirtualCdrom"}[w.IntN(2)]
		fmt.Fprintf(&all, `<device xsi:type="%s"><key>%d</key><capacityInKB>%d</capacityInKB>%s</device>`, class, key, w.IntN(3), plug)
	}
	return all.String()
}

func (w workshop) attributes() string {
	all := ""
	for key := 101; key < 103; key++ {
		if w.IntN(2) == 0 {
			all += fmt.Sprintf(`<CustomFieldValue xsi:type="CustomFieldStringValue"><key>%d</key><value>v%d</value></CustomFieldValue>`, key, w.IntN(2))
		}
	}
	return all
}

func (w workshop) fileSystems() string {
	all := ""
	for _, path := range []string{"/", "/boot", "/v[1]"} {
		if w.IntN(2) == 0 {
			all += fmt.Sprintf("<disk><diskPath>%s</diskPath><capacity>%d</capacity><freeSpace>%d</freeSpace></disk>", path, w.IntN(2), w.IntN(50))
		}
	}
	return all
}

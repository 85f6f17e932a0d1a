package inventory

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// To a session that is lost, vCenter answers with objects that have no properties, and with no fault.
func TestAnAnswerWithoutALoginIsNotAnEmptyInventory(t *testing.T) {
	_, err := decode(answer("1", false, objectSet("enter", "VirtualMachine", "vm-1", missing("name", "NotAuthenticated"))), newFlattener())
	require.Error(t, err)
	assert.True(t, vsphere.IsNotAuthenticated(err), "%v", err)
}

func TestAnAnswerCountsOnlyAsAWhole(t *testing.T) {
	body := answer("1", false, root, machine(1))
	for cut := 0; cut < len(body); cut += 101 {
		_, err := decode(body[:cut], newFlattener())
		require.True(t, soapxml.IsTruncated(err), "cut at %d: %v", cut, err)
	}
	_, err := decode([]byte(`<Envelope><Body><RetrievePropertiesExResponse/></Body></Envelope>`), newFlattener())
	require.ErrorIs(t, err, errNoUpdates)
}

// A wait that ended without news is answered with nothing.
func TestNoNewsIsNoUpdateSet(t *testing.T) {
	set, err := decode([]byte(`<Envelope><Body><WaitForUpdatesExResponse/></Body></Envelope>`), newFlattener())
	require.NoError(t, err)
	assert.Empty(t, set.version)
}

// All that there is has at least a root folder.
func TestAnEmptyInventoryIsAnError(t *testing.T) {
	c := NewCache("uuid")
	send(t, c, model0(), true, root, machine(1))
	before := c.Snapshot()
	set, err := decode(answer("1", false), newFlattener())
	require.NoError(t, err)
	_, err = c.apply([]updateSet{set}, time.Now(), places{}, true)
	require.ErrorIs(t, err, errEmpty)
	assert.Same(t, before, c.Snapshot())
}

// One object that cannot be understood must not stop the others.
func TestStrangeObjectsStopNobody(t *testing.T) {
	c := NewCache("uuid")
	send(t, c, model0(), true, root,
		objectSet("enter", "VirtualMachine", "vm-1"),
		objectSet("explode", "VirtualMachine", "vm-2", text("name", "a")),
		`<objectSet/>`, `<objectSet><kind>enter</kind><obj/></objectSet>`,
		objectSet("enter", "VirtualMachine", "vm-3", `<changeSet/>`, assign("config.hardware", "VirtualHardware", `<device/><device/>text`)),
		objectSet("enter", "VirtualMachine", "vm-4", assign("", "xsd:string", "x"), assign("guest.net[", "X", "<a>1</a>"), assign("a]b[", "X", "1")),
		objectSet("enter", "VirtualMachine", "vm-5", text("parent", "vm-6")), objectSet("enter", "VirtualMachine", "vm-6", text("parent", "vm-5"), text("name", "circle")),
		machine(7),
	)
	s := c.Snapshot()
	assert.Equal(t, 8, s.Len())
	assert.Equal(t, "web-00007", s.Get("vm-7").Name())
	for o := range s.All() {
		e, known := s.Context().Of(o.Moref)
		assert.True(t, known)
		if o.Moref != "group-d1" {
			assert.Empty(t, e.Path, "where something above is hidden, or a circle, there is none")
		}
	}
}

// The page that an object was read from must not live as long as the object.
func TestObjectsDoNotKeepTheirPage(t *testing.T) {
	before := heap()
	c := NewCache("uuid")
	send(t, c, model0(), true, root, objectSet("enter", "VirtualMachine", "vm-1",
		text("name", "web"), text("config.annotation", strings.Repeat("long ", 20)),
		assign("guest", "GuestInfo", "<ipStack>"+strings.Repeat("x", 16<<20)+"</ipStack><hostName>web</hostName>")))
	assert.Less(t, int64(heap())-int64(before), int64(4<<20))
	assert.Equal(t, "web", c.Snapshot().Get("vm-1").Get("guest.hostName"))
}

// The root folder is named in the filter itself: vCenter tells of it also to an account that may not read a word of it.
func TestAnAccountThatLostItsPermissionDoesNotReadAsAllRemoved(t *testing.T) {
	c := NewCache("uuid")
	send(t, c, model0(), true, root, machine(1), machine(2))
	before := c.Snapshot()
	set, err := decode(answer("1", false, objectSet("enter", "Folder", "group-d1", missing("name", "NoPermission"), missing("parent", "NoPermission"))), newFlattener())
	require.NoError(t, err)
	_, err = c.apply([]updateSet{set}, time.Now(), before.places, true)
	require.ErrorIs(t, err, errEmpty)
	assert.Same(t, before, c.Snapshot())
}

// A guest calls itself what no XML can have, and vCenter passes that on: as it is, or by its number.
func TestAControlCharacterOfOneGuestBlindsNobody(t *testing.T) {
	for name, said := range map[string]string{
		"as it is": "a\x0bb", "by number": "a&#11;b", "by number, in hexadecimal": "a&#x0B;b", "beyond all characters": "a&#x110000;b",
		"no character": "a\ufffeb", "not UTF-8": "a\xffb",
	} {
		t.Run(name, func(t *testing.T) {
			c := NewCache("uuid")
			send(t, c, model0(), true, root, machine(1),
				objectSet("enter", "VirtualMachine", "vm-2", text("name", "caf\u00e9 &amp; &#9;&#x42;"), assign("guest", "GuestInfo", "<hostName>"+said+"</hostName>")))
			s := c.Snapshot()
			assert.Equal(t, 3, s.Len())
			assert.Equal(t, "caf\u00e9 & \tB", s.Get("vm-2").Name())
			assert.Equal(t, "a\ufffdb", s.Get("vm-2").Get("guest.hostName"))
			r, err := decodeRetrieved(retrievedAnswer("", told("VirtualMachine", "vm-2", propSet("guest.hostName", "xsd:string", said))))
			require.NoError(t, err)
			assert.NotEmpty(t, r.fields)
		})
	}
	_, err := decode(answer("1", false, "<objectSet></wrong>"), newFlattener())
	assert.True(t, soapxml.IsSyntax(err), "what is no XML stays an error")
}

// A property without a name could be stored, and not be read again.
func TestAPropertyWithoutANameDoesNotSpoilTheState(t *testing.T) {
	c := NewCache("uuid")
	send(t, c, model0(), true, root, machine(1), objectSet("enter", "VirtualMachine", "vm-4", assign("", "xsd:string", "x")))
	tracking, err := NewTracking(nil)
	require.NoError(t, err)
	record, err := tracking.Codec().Encode(NewState(tracking).Baseline(c.Snapshot()))
	require.NoError(t, err)
	_, err = tracking.Codec().Decode(record)
	assert.NoError(t, err)
}

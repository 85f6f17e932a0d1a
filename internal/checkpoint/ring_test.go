package checkpoint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
)

func uidsOf(letters []sender.Letter) (uids []string) {
	for _, l := range letters {
		uids = append(uids, l.UID)
	}
	return uids
}

// Letters give way before they are told: those that are there are told at once, and not after one try for each that is gone.
func TestLettersThatGaveWayAreNotWaitedFor(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	for i := range 15 {
		var bodies []string
		for j := range 100 {
			bodies = append(bodies, fmt.Sprint(100*i+j))
		}
		require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), bodies...)))
	}
	letters, to, err := store.Untold(t.Context(), 2)
	require.NoError(t, err)
	assert.Equal(t, []string{"uid of 500", "uid of 501"}, uidsOf(letters))
	assert.Equal(t, uint64(502), to)
}

// Some back ends repeat the request in what they say of it.
func TestALongReasonIsCut(t *testing.T) {
	value := encodeLetter(7, sender.Letter{UID: "a", Reason: strings.Repeat("because ", 1000)})
	letter, err := decodeLetter(value)
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("because ", maxReason/8), letter.Reason)
}

// Slots are what they say they are: a letter of another number, or one that a later program wrote, is not taken for the one that
// should be there.
func TestALetterThatIsNotTheOneOfItsSlot(t *testing.T) {
	for name, value := range map[string][]byte{
		"another number":  encodeLetter(1+ringSlots, sender.Letter{UID: "b"}),
		"a later version": {},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			store, _ := open(t, f.open(t), coldStart)
			require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a", "b", "c")))
			if len(value) == 0 {
				e, err := decodeEnvelope(f.values[slotKey(testKey, 1)])
				require.NoError(t, err)
				e.version = ringVersion + 1
				value = e.encode()
			}
			f.values[slotKey(testKey, 1)] = value
			assert.Equal(t, []string{"a", "c"}, lettersOf(t, store))
		})
	}
}

// A list that cannot be relied on is made anew of the letters. Each was told in the log, so none is told again.
func TestAListThatIsMadeAnewIsTold(t *testing.T) {
	for name, list := range map[string][]byte{
		"damaged":            []byte("garbage"),
		"of a later version": envelope{version: ringVersion + 1, head: []byte(`{"next":9,"oldest":8}`)}.encode(),
		"told beyond itself": envelope{version: ringVersion, head: []byte(`{"next":3,"told":9,"sizes":[9,9,9]}`)}.encode(),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			store, _ := open(t, f.open(t), coldStart)
			require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "a", "b", "c")))
			f.values[deadKey(testKey)] = list
			store, _ = open(t, f.open(t), never(t))
			assert.Equal(t, []string{"a", "b", "c"}, lettersOf(t, store))
			letters, _, err := store.Untold(t.Context(), 10)
			require.NoError(t, err)
			assert.Empty(t, letters)
		})
	}
}

// A letter that was left behind long ago does not make the ring longer than it may be.
func TestARingThatIsMadeAnewIsNoLongerThanItMayBe(t *testing.T) {
	f := newFake()
	f.values[deadKey(testKey)] = []byte("garbage")
	f.values[slotKey(testKey, 5)] = encodeLetter(5, sender.Letter{UID: "long ago"})
	f.values[slotKey(testKey, 2000)] = encodeLetter(2000, sender.Letter{UID: "of late"})
	store, _ := open(t, f.open(t), coldStart)
	letters, err := store.Letters(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"of late"}, uidsOf(letters))
}

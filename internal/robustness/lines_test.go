package robustness_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// whole is a run with everything in it.
func whole() robustness.Run {
	r := lived(sending(unheard(sent(1, 200, "ab")), blaming(2, "cd", "d"), gap(0, 1), refused("d")), "k")
	r.Settings = robustness.Settings{
		Test: "TestSoak", Seed: 1<<64 - 1, Order: robustness.Creation, Since: at(1), Until: at(9), Overlap: time.Minute, Limit: 10, Idle: time.Second,
		MaxAge: time.Hour, Timeout: time.Second,
	}
	r.Events = with(with(with(r.Events, "a", hidden), "b", pruned), "c", late)
	r.Makings = []robustness.Making{{Method: "Login", At: at(1), Until: at(2), Times: 2, Passed: true}}
	r.Rejections = []robustness.Rejection{{At: at(4)}}
	r.Censuses = []robustness.Census{{Asked: at(2), At: at(3), Sessions: []robustness.Session{{Key: "s", Since: at(2), Collectors: 1, Others: 3}}}}
	r.Openings = []robustness.Opening{{At: at(1)}, {At: at(2), Begin: at(1), Instance: "other"}}
	r.Accidents = []robustness.Accident{{At: at(5), What: "kill"}, {At: at(6), Until: at(7), What: "reset", Cut: true, Reset: true, Stuck: true, Twice: true, Back: at(1)}}
	return r
}

// A run that was kept is judged as it was when it was recorded.
func TestAKeptRunIsTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	require.NoError(t, whole().Keep(path))
	got, err := robustness.Load(path)
	require.NoError(t, err)
	assert.Equal(t, whole(), got)
}

func TestARunIsOneLineAnEntry(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, whole().Write(&out))
	assert.Equal(t, 1+4+4+2+1+2+1+1+2, strings.Count(out.String(), "\n"))
	assert.Contains(t, out.String(), `{"accident":{"at":"2026-11-21T12:00:05Z","what":"kill"}}`)
}

func TestWhatIsNoRunIsNotRead(t *testing.T) {
	for _, text := range []string{"{", `{"bogus":1}`, `{"event":{"bogus":1}}`, `{"event":1}`} {
		_, err := robustness.Read(strings.NewReader(text))
		assert.Error(t, err, text)
	}
	_, err := robustness.Load(filepath.Join(t.TempDir(), "none"))
	assert.Error(t, err)
	assert.Error(t, whole().Keep(filepath.Join(t.TempDir(), "no", "folder")))
}

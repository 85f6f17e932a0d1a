package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/accident"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/control"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

const (
	// watchInterval is how often it is looked what lives in vCenter.
	watchInterval = 50 * time.Millisecond

	// soakLate is how late events may be: half of an overlap, less the time that their own delivery may take.
	soakLate = soakOverlap/2 - time.Second

	// instanceSlack is how long after vCenter became another one a call of the old one may have been answered.
	instanceSlack = time.Second
)

// simulate runs a vCenter with traffic and accidents of the plan's seed.
func (s *soak) simulate(t *testing.T) *vcenter {
	t.Helper()
	return simulate(t, s.order, "-vcenter-version", s.version, "-seed", fmt.Sprint(s.seed), "-faults",
		"-idle-timeout", soakIdle.String(), "-keep", "10000000")
}

// rate sets how many events a second happen by themselves.
func (v *vcenter) rate(t *testing.T, perSecond int) {
	t.Helper()
	v.call(t, http.MethodPost, fmt.Sprintf("/rate?events=%d", perSecond), nil)
}

// late inserts so many events that were created so much earlier.
func (v *vcenter) late(t *testing.T, n int, by time.Duration) {
	t.Helper()
	v.suffer(t, accident.Accident{Kind: "late", N: n, By: accident.Duration(by)})
}

// suffer plays an accident, and tells it when it is mended.
func (v *vcenter) suffer(t *testing.T, a accident.Accident) (told robustness.Accident) {
	t.Helper()
	body, err := json.Marshal(a)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.control+"/accident", bytes.NewReader(body))
	require.NoError(t, err)
	patient := &http.Client{Transport: client.Transport, Timeout: patience} // another accident may be played
	response, err := patient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	var played accident.Played
	require.NoError(t, json.NewDecoder(response.Body).Decode(&played))
	return tell(played)
}

// fail has calls suffer a fault from now on.
func (v *vcenter) fail(t *testing.T, f control.Fault) {
	t.Helper()
	body, err := json.Marshal([]control.Fault{f})
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.control+"/faults", bytes.NewReader(body))
	require.NoError(t, err)
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// playAccidents has the simulator play those of the plan's seed from now on.
func (s *soak) playAccidents(t *testing.T) {
	t.Helper()
	path := fmt.Sprintf("/accidents?seed=%d&late=%s", s.seed, soakLate)
	if s.version != "8.0.3" {
		path += "&without=keyless" // a history that is passed by key leaves them out: see docs/guarantees.md
	}
	s.vc.call(t, http.MethodPost, path, nil)
}

// mend ends the accidents and tells them.
func (v *vcenter) mend(t *testing.T) (told []robustness.Accident) {
	t.Helper()
	var all control.Accidents
	v.call(t, http.MethodDelete, "/accidents", &all)
	for _, played := range all.Played {
		told = append(told, tell(played))
	}
	return told
}

// resetting are the accidents that reset connections to vCenter: some when they begin, some also when they are over.
var resetting = []string{"reset", "reset-idle", "refusing", "silent", "certificate", "restart"}

// tell is an accident as the validators know it.
func tell(played accident.Played) robustness.Accident {
	kinds := accident.Kinds()
	i := slices.IndexFunc(kinds, func(k accident.Kind) bool { return k.Name == played.Kind })
	return robustness.Accident{
		At: played.At, Until: played.At.Add(time.Duration(played.Took)), What: "vCenter: " + played.Accident.String() + played.Error,
		Cut: kinds[i].Network || played.Kind == "restart", Stuck: played.Kind == "stuck",
		Reset: slices.Contains(resetting, played.Kind), Twice: played.Kind == "duplicate" && played.Method == "ReadNextEvents",
	}
}

// makings are the logins and creations that came through the fault proxy.
func (v *vcenter) makings(t *testing.T) (list []robustness.Making) {
	t.Helper()
	var all []fault.Making
	v.call(t, http.MethodGet, "/makings", &all)
	for _, m := range all {
		list = append(list, robustness.Making(m))
	}
	return list
}

// recording is all that the vCenter tells of what happened.
func (v *vcenter) recording(t *testing.T) (r simulator.Recording) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.control+"/recording", nil)
	require.NoError(t, err)
	patient := &http.Client{Transport: client.Transport, Timeout: patience} // a long run is a long answer
	response, err := patient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.NoError(t, json.NewDecoder(response.Body).Decode(&r))
	assert.Zero(t, r.Forgotten)
	return r
}

// eventsOfRecording are all that the vCenter ever had: with each instanceUuid by which it went, the events until its end.
func eventsOfRecording(t *testing.T, r simulator.Recording) (events []robustness.Event) {
	t.Helper()
	last := r.Instances[len(r.Instances)-1].UUID
	ends := map[string]time.Time{last: {}}
	for i, instance := range r.Instances {
		if instance.UUID != last {
			ends[instance.UUID] = r.Instances[i+1].Since.Add(instanceSlack)
		}
	}
	for _, e := range r.Events {
		for uuid, end := range ends {
			if end.IsZero() || e.Inserted.Before(end) {
				events = append(events, robustness.Event{
					UID: uidOf(t, uuid, e), Instance: uuid, Passing: uuid != last, Key: e.Key, Type: e.TypeID,
					Created: e.Created, Inserted: e.Inserted, Late: e.Clock.Sub(e.Created), Hidden: e.Hidden, Pruned: !e.Pruned.IsZero(),
				})
			}
		}
	}
	return events
}

// openings are the event collectors that were made.
func openings(r simulator.Recording) (list []robustness.Opening) {
	for _, o := range r.Openings {
		at := slices.IndexFunc(r.Instances, func(i simulator.Instance) bool { return i.Since.After(o.At) })
		if at < 0 {
			at = len(r.Instances)
		}
		list = append(list, robustness.Opening{At: o.At, Begin: o.Begin, Instance: r.Instances[max(at-1, 0)].UUID})
	}
	return list
}

// rejections are the logins that were refused.
func rejections(r simulator.Recording) (list []robustness.Rejection) {
	for _, l := range r.Logins {
		if l.Refused {
			list = append(list, robustness.Rejection{At: l.At})
		}
	}
	return list
}

// uidOf is the uid of an event's record. That of one without a key is a hash of what vCenter tells of it.
func uidOf(t *testing.T, uuid string, e simulator.RecordedEvent) string {
	t.Helper()
	if !e.Keyless && !e.Untimed {
		return fmt.Sprintf("%s:%d:%d", uuid, e.Key, e.CreatedMS)
	}
	var page bytes.Buffer
	fmt.Fprintf(&page, `<Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body><ReadNextEventsResponse>`+
		`<returnval xsi:type="%s">%s</returnval></ReadNextEventsResponse></Body></Envelope>`, e.Class, e.XML)
	decoded, err := event.Decode(page.Bytes())
	require.NoError(t, err)
	require.Len(t, decoded, 1)
	return decoded[0].UID(uuid)
}

// watch tells again and again what lives in vCenter.
func (v *vcenter) watch(ctx context.Context, tell func(robustness.Census)) {
	clock := time.NewTicker(watchInterval)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-clock.C:
			if census, err := v.census(ctx); err == nil {
				tell(census)
			}
		}
	}
}

// count adds a census, unless it is as the one just before it.
func count(censuses []robustness.Census, next robustness.Census) []robustness.Census {
	if n := len(censuses); n > 0 && slices.Equal(censuses[n-1].Sessions, next.Sessions) && next.At.Sub(censuses[n-1].At) < time.Second {
		return censuses
	}
	return append(censuses, next)
}

// counted counts what lives in vCenter until the counts are asked for.
func (v *vcenter) counted(t *testing.T) (censuses func() []robustness.Census) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all []robustness.Census
	var watching sync.WaitGroup
	watching.Go(func() { v.watch(ctx, func(c robustness.Census) { all = count(all, c) }) })
	return func() []robustness.Census {
		time.Sleep(2 * watchInterval) // for the last one
		cancel()
		watching.Wait()
		return all
	}
}

// first is when the first event was created that must arrive.
func (v *vcenter) first(t *testing.T) time.Time {
	t.Helper()
	return v.recording(t).Events[len(v.earlier)].Created
}

// census is what lives in vCenter.
func (v *vcenter) census(ctx context.Context) (c robustness.Census, err error) {
	c.Asked = time.Now()
	c.Sessions, err = v.sessions(ctx)
	c.At = time.Now()
	return c, err
}

func (v *vcenter) sessions(ctx context.Context) (sessions []robustness.Session, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.control+"/stats", nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var told simulator.Stats
	if err := json.NewDecoder(response.Body).Decode(&told); err != nil {
		return nil, err
	}
	for _, s := range told.Sessions {
		sessions = append(sessions, robustness.Session{
			Key: s.Key, Since: s.Since, Collectors: s.Objects.EventCollectors,
			Others: s.Objects.PropertyCollectors + s.Objects.Filters + s.Objects.Views,
		})
	}
	return sessions, nil
}

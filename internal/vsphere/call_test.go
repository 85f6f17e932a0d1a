package vsphere

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

func TestEveryCallNamesItselfInVCentersLog(t *testing.T) {
	f, _, session := open(t)
	_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{This: collector("c"), MaxCount: 7})
	require.NoError(t, err)
	_, err = methods.GetCurrentTime(t.Context(), session.Client())
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, r := range f.seen() {
		assert.Equal(t, "otelcol-vcenter/0.1.0", r.userAgent, r.method)
		if r.method == "vimServiceVersions" {
			continue
		}
		assert.Regexp(t, regexp.MustCompile(`^vcenter_stream/dc1-1-\d+$`), r.operationID, r.method)
		assert.False(t, seen[r.operationID], "used twice: %s", r.operationID)
		seen[r.operationID] = true
	}
	assert.Len(t, seen, 6)
}

func TestTheVersionIsSetBeforeTheLogin(t *testing.T) {
	f := newFake()
	f.versions = versionsOf("8.0.3.0", "8.0.2.0", "7.0")
	s := supervise(t, testSettings(serve(t, f)))
	_, err := s.Acquire(t.Context())
	require.NoError(t, err)
	for _, r := range f.seen() {
		if r.method == "Login" || r.method == "CurrentTime" {
			assert.Equal(t, "urn:vim25/8.0.3.0", r.action, r.method)
		}
	}
}

func TestARequestIsWrittenTheWayGovmomiWritesIt(t *testing.T) {
	f, _, session := open(t)
	req := types.ReadNextEvents{This: collector("c&1"), MaxCount: 7}
	for _, request := range []any{
		req, &req, &types.ReadNextEventsRequestType{This: req.This, MaxCount: 7}, &methods.ReadNextEventsBody{Req: &req},
	} {
		_, err := session.Call(t.Context(), 0, request)
		require.NoError(t, err)
		requests := f.seen()
		last := requests[len(requests)-1]
		assert.Equal(t, "ReadNextEvents", last.method)
		assert.Contains(t, last.body, `<?xml version="1.0" encoding="UTF-8"?>`)
		assert.Contains(t, last.body, `<Body><ReadNextEvents xmlns="urn:vim25"><_this type="EventHistoryCollector">c&amp;1</_this><maxCount>7</maxCount></ReadNextEvents></Body>`)
	}
}

func TestAnAnswerIsReturnedAsItCame(t *testing.T) {
	for _, size := range []int{0, 1, 1 << 10, 100 << 10, 3 << 20} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			f, _, session := open(t)
			want := response("ReadNextEvents", strings.Repeat("x", size))
			for _, known := range []bool{false, true} {
				f.interceptWith(func(w http.ResponseWriter, _ string) bool {
					if known {
						w.Header().Set("Content-Length", strconv.Itoa(len(want)))
					} else {
						_ = http.NewResponseController(w).Flush()
					}
					_, _ = io.WriteString(w, want)
					return true
				})
				got, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
				require.NoError(t, err)
				assert.True(t, want == string(got))
			}
		})
	}
}

// framings are how the end of an answer is marked; each is cut its own way.
var framings = map[string]func(body string, cut int) string{
	"length": func(body string, cut int) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:cut])
	},
	"chunks": func(body string, cut int) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s", len(body), body[:cut])
	},
	"end of connection": func(body string, cut int) string {
		return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body[:cut]
	},
}

func TestAnAnswerCutAtAnyPlaceIsAnError(t *testing.T) {
	for name, framing := range framings {
		t.Run(name, func(t *testing.T) {
			f, _, session := open(t)
			want := strings.TrimSpace(response("ReadNextEvents", "<returnval><key>1</key></returnval>"))
			for cut := range want {
				f.interceptWith(func(w http.ResponseWriter, _ string) bool {
					c, buffer, err := w.(http.Hijacker).Hijack()
					if err != nil {
						panic(err)
					}
					_, _ = buffer.WriteString(framing(want, cut))
					_ = buffer.Flush()
					_ = c.Close()
					return true
				})
				body, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
				require.Error(t, err, "cut at %d", cut)
				require.Nil(t, body)
				if cut > 0 {
					require.True(t, IsTransport(err), "cut at %d: %v", cut, err)
				}
				_, err = methods.GetCurrentTime(t.Context(), session.Client())
				require.Error(t, err, "typed, cut at %d", cut)
			}
		})
	}
}

func TestAFaultIsAFaultWhateverItsStatus(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusInternalServerError} {
		f, _, session := open(t)
		f.interceptWith(func(w http.ResponseWriter, _ string) bool {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, faultEnvelope("ManagedObjectNotFound", "The object has already been deleted."))
			return true
		})
		_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
		assert.True(t, IsGone(err), "%d: %v", status, err)
		_, err = methods.GetCurrentTime(t.Context(), session.Client())
		assert.True(t, IsGone(err), "%d: %v", status, err)
	}
}

func TestAFaultThatGovmomiDoesNotKnowIsStillAFault(t *testing.T) {
	f, _, session := open(t)
	f.interceptWith(func(w http.ResponseWriter, _ string) bool {
		faultWith(w, "FaultOfTheFuture", "Not before 2030.")
		return true
	})
	_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
	assert.True(t, IsFault(err))
	assert.Contains(t, err.Error(), "Not before 2030")
}

func TestAnAnswerToAnotherQuestionIsNoNilPointer(t *testing.T) {
	f, _, session := open(t)
	f.interceptWith(func(w http.ResponseWriter, _ string) bool {
		respond(w, "SomethingElse", "")
		return true
	})
	_, err := methods.GetCurrentTime(t.Context(), session.Client())
	assert.True(t, IsNotVCenter(err), "%v", err)
}

func TestASlowAnswerEndsAtItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, nil)
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		f.interceptWith(func(_ http.ResponseWriter, _ string) bool {
			time.Sleep(time.Hour)
			return false
		})
		for _, timeout := range []time.Duration{0, time.Second, 40 * time.Second} {
			begin := time.Now()
			_, err = session.Call(t.Context(), timeout, &types.WaitForUpdatesEx{})
			assert.True(t, IsTransport(err), "%v", err)
			want := timeout
			if want == 0 {
				want = 10 * time.Second
			}
			assert.Equal(t, want, time.Since(begin))
			assert.Contains(t, err.Error(), "no answer within "+want.String())
		}
		f.interceptWith(nil)
		time.Sleep(2 * time.Hour)
	})
}

func TestAnAnswerThatDripsForEverEndsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, nil)
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		f.interceptWith(func(w http.ResponseWriter, _ string) bool {
			controller := http.NewResponseController(w)
			for range 100 {
				if _, err := io.WriteString(w, "<"); err != nil || controller.Flush() != nil {
					break
				}
				time.Sleep(time.Second)
			}
			return true
		})
		_, err = session.Call(t.Context(), 5*time.Second, &types.ReadNextEvents{})
		assert.True(t, IsTransport(err), "%v", err)
		f.interceptWith(nil)
		time.Sleep(2 * time.Minute)
	})
}

func TestAPageOfVCenterIsReadWithoutGrowing(t *testing.T) {
	body := []byte(response("ReadNextEvents", strings.Repeat("x", 1<<20)))
	got := testing.AllocsPerRun(10, func() {
		res := &http.Response{StatusCode: http.StatusOK, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}
		a, err := readAnswer(res)
		if err != nil || len(a.body) != len(body) || cap(a.body) > len(body)+2*bytes.MinRead {
			t.Errorf("%v, %d bytes in %d", err, len(a.body), cap(a.body))
		}
	})
	assert.Less(t, got, 12.0)
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(response("ReadNextEvents", "")))
	f.Add([]byte(faultEnvelope("NotAuthenticated", "x")))
	f.Add([]byte("<!DOCTYPE html><html></html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := &answer{status: http.StatusOK, body: body}
		if a.check() == nil && !bytes.Contains(body, []byte("Envelope")) {
			t.Errorf("accepted %q", body)
		}
	})
}

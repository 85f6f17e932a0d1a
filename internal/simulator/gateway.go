package simulator

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/envelope"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// routes are the paths that the vCenter answers. What is not ours is vcsim's.
func (s *Simulator) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.model.Service.ServeMux)
	mux.HandleFunc("GET /sdk/vimServiceVersions.xml", s.serveVersions)
	if s.large != nil {
		mux.Handle(property.TaggingPath, s.large.tagging)
	}
	for _, path := range []string{"/sdk", "/sdk/{$}", "/sdk/vimService"} {
		mux.HandleFunc("POST "+path, s.serveSDK)
	}
	return mux
}

var typeOf = types.TypeFunc()

// serveSDK answers one SOAP call: itself where there is a handler for it, through vcsim otherwise.
func (s *Simulator) serveSDK(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.endIdle()
	c := &call{ctx: r.Context(), request: r, body: body, session: s.sessions.byCookie(r)}
	defer c.session.use()()
	if c.method, err = simulator.UnmarshalBody(typeOf, body); err != nil {
		s.vcsim(c).send(w) // vcsim has a fault for it
		return
	}
	s.record.add(c.describe())
	answered := s.answer(c)
	if s.ambush.meets(c) && s.kill(c.session, errTerminated) {
		answered = answer("", nil, notAuthenticated(c.method.This))
	}
	s.record.reach(s.sessions.census())
	if c.ctx.Err() != nil {
		panic(http.ErrAbortHandler) // what a wait that was cut short comes back with must not reach a line that is about to be cut
	}
	answered.send(w)
}

// answer finds who answers a call, and lets it.
func (s *Simulator) answer(c *call) *reply {
	if handle := s.handler(c); handle != nil {
		res, err := handle(c)
		return answer(c.method.Name+"Response", res, err)
	}
	return s.delegate(c)
}

// reply is a whole HTTP answer. As an http.ResponseWriter it records vcsim's.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newReply() *reply { return &reply{header: http.Header{}, status: http.StatusOK} }

// Header is for vcsim.
func (r *reply) Header() http.Header { return r.header }

// WriteHeader is for vcsim.
func (r *reply) WriteHeader(status int) { r.status = status }

// Write is for vcsim.
func (r *reply) Write(p []byte) (int, error) { return r.body.Write(p) }

func (r *reply) ok() bool { return r.status == http.StatusOK }

func (r *reply) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes()) // a client that is gone
}

// answer makes the reply of a call that we answered.
func answer(name string, res response, err error) *reply {
	content, isXML := res.([]byte)
	if err == nil && !isXML {
		content, err = envelope.Content(res)
	}
	if err == nil {
		r := newReply()
		r.body.Write(envelope.Answer(name, content))
		return r
	}
	var f fault
	if !errors.As(err, &f) {
		f = fault{&types.SystemError{Reason: err.Error()}, "A general system error occurred: " + err.Error()}
	}
	r := newReply()
	r.status = http.StatusInternalServerError
	body, err := envelope.Fault(f.message, f.BaseMethodFault)
	if err != nil {
		body = []byte(err.Error())
	}
	r.body.Write(body)
	return r
}

// vcsim lets vcsim answer.
func (s *Simulator) vcsim(c *call) *reply {
	r := c.request.Clone(c.ctx)
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
	if c.session == nil {
		r.Header.Del("Cookie") // of a session that has ended: vcsim may not have heard of that yet
	}
	answered := newReply()
	s.model.Service.ServeSDK(answered, r)
	styled := envelope.Style(answered.body.Bytes())
	answered.body = *bytes.NewBuffer(styled)
	return answered
}

// handler finds who answers a call; nil leaves it to vcsim.
func (s *Simulator) handler(c *call) func(*call) (response, error) {
	if handle := s.largeHandler(c); handle != nil {
		return handle
	}
	switch c.method.Body.(type) {
	case *types.RetrieveServiceContent:
		return s.retrieveServiceContent
	case *types.CurrentTime:
		return authenticated(s.currentTime)
	case *types.RetrievePropertiesEx, *types.RetrieveProperties:
		return s.retrieveHandler(c)
	case *types.QueryOptions:
		if c.method.This == *s.content.Setting {
			return authenticated(s.queryOptions)
		}
	}
	if c.method.This == *s.content.EventManager {
		return s.eventManagerHandler(c)
	}
	if c.method.This.Type == "EventHistoryCollector" {
		return authenticated(s.answerEventCollector)
	}
	return s.propertyCollectorHandler(c)
}

func authenticated(handle func(*call) (response, error)) func(*call) (response, error) {
	if handle == nil {
		return nil
	}
	return func(c *call) (res response, err error) {
		if c.session == nil || !c.session.during(func() { res, err = handle(c) }) {
			return nil, notAuthenticated(c.method.This)
		}
		return res, err
	}
}

func (s *Simulator) retrieveServiceContent(*call) (response, error) {
	return &types.RetrieveServiceContentResponse{Returnval: s.serviceContent()}, nil
}

func (s *Simulator) currentTime(*call) (response, error) {
	return &types.CurrentTimeResponse{Returnval: s.Now().UTC()}, nil
}

package vsphere

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/xml"
)

const namespace = "urn:vim25"

// Call makes one call and returns the answer: a whole SOAP envelope that holds no fault. The request is one of
// govmomi's, either the type itself (&types.ReadNextEvents{…}) or its body (&methods.ReadNextEventsBody{…}).
//
// The call ends with ctx, or after timeout (APITimeout where it is zero); a long poll needs more than its wait. After an
// error nothing is known of what the call did: vCenter may have executed it.
func (s *Session) Call(ctx context.Context, timeout time.Duration, request any) ([]byte, error) {
	body, ok := request.(soap.HasFault)
	if !ok {
		body = &requestBody{request: request}
	}
	c := s.newCall(timeout, body)
	answer, err := c.exchange(ctx)
	if err := c.end(err); err != nil {
		return nil, err
	}
	s.sweep(ctx)
	return answer, nil
}

// roundTripper is how govmomi's typed calls reach a Session.
type roundTripper struct{ session *Session }

// RoundTrip makes a typed call, in the time of Settings.APITimeout.
func (r roundTripper) RoundTrip(ctx context.Context, req, res soap.HasFault) error {
	if err := r.session.typed(ctx, 0, req, res); err != nil {
		return err
	}
	r.session.sweep(ctx)
	return nil
}

// typed makes a call and decodes the answer with govmomi.
func (s *Session) typed(ctx context.Context, timeout time.Duration, req, res soap.HasFault) error {
	c := s.newCall(timeout, req)
	answer, err := c.exchange(ctx)
	if err == nil {
		err = decode(answer, &soap.Envelope{Body: res}, s.soap.Types)
	}
	if err == nil && empty(res) {
		// govmomi's wrappers would follow a nil pointer.
		err = &foreignError{what: "a SOAP envelope without the response that was asked for"}
	}
	return c.end(err)
}

// empty says whether a govmomi body has no response in it.
func empty(res soap.HasFault) bool {
	field := reflect.Indirect(reflect.ValueOf(res)).FieldByName("Res")
	return field.IsValid() && field.Kind() == reflect.Pointer && field.IsNil()
}

// call is one call of the API.
type call struct {
	session *Session
	timeout time.Duration
	id      string // the operationID
	body    soap.HasFault

	begun          time.Time
	sent, received int // bytes
}

func (s *Session) newCall(timeout time.Duration, body soap.HasFault) *call {
	id := fmt.Sprintf("%s-%d-%d", s.settings.Operation, s.serial, s.calls.Add(1))
	return &call{session: s, timeout: timeout, id: id, body: body, begun: time.Now()}
}

// end tells of the call, and names it in an error.
func (c *call) end(err error) error {
	method := methodOf(c.body)
	c.session.settings.Observer.called(Exchange{
		Method: method, Duration: time.Since(c.begun), Sent: c.sent, Received: c.received, Err: err,
	})
	if err == nil {
		return nil
	}
	c.session.miss(method, err)
	return &CallError{VCenter: c.session.settings.Name, Method: method, OperationID: c.id, Err: err}
}

// exchange sends the call and returns the answer to it.
func (c *call) exchange(ctx context.Context) ([]byte, error) {
	req, err := c.request()
	if err != nil {
		return nil, err
	}
	c.sent = int(req.ContentLength)
	answer, err := c.session.send(ctx, c.timeout, req)
	if err != nil {
		return nil, err
	}
	c.received = len(answer.body)
	return answer.body, answer.check()
}

func (c *call) request() (*http.Request, error) {
	envelope, err := xml.Marshal(soap.Envelope{Header: &soap.Header{ID: c.id}, Body: c.body})
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	content := bytes.NewReader(append([]byte(xml.Header), envelope...))
	req, err := http.NewRequest(http.MethodPost, c.session.settings.Endpoint.String(), content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", `text/xml; charset="utf-8"`)
	req.Header.Set("SOAPAction", c.session.soap.Namespace+"/"+c.session.soap.Version)
	return req, nil
}

// send makes one HTTP request and reads the answer to its end.
func (s *Session) send(ctx context.Context, timeout time.Duration, req *http.Request) (a *answer, err error) {
	if timeout <= 0 {
		timeout = s.settings.APITimeout
	}
	timed, cancel := context.WithTimeoutCause(ctx, timeout, &timeoutError{after: timeout})
	defer cancel()
	err = s.soap.Do(timed, req, func(res *http.Response) (err error) {
		s.met(res.TLS)
		a, err = readAnswer(res)
		return err
	})
	if err != nil {
		return nil, onTheWay(ctx, timed, err)
	}
	return a, nil
}

// requestBody is a SOAP body around a bare request. The element's name is the method's, which is the type's.
type requestBody struct{ request any }

// Fault is there because govmomi's bodies serve for requests and for answers.
func (*requestBody) Fault() *soap.Fault { return nil }

// MarshalXML writes the request in the API's namespace.
func (b *requestBody) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	name := xml.Name{Space: namespace, Local: methodOf(b)}
	if err := e.EncodeElement(b.request, xml.StartElement{Name: name}); err != nil {
		return err
	}
	return e.EncodeToken(start.End())
}

// methodOf is the method of the API that a body calls.
func methodOf(body soap.HasFault) string {
	if bare, ok := body.(*requestBody); ok {
		return strings.TrimSuffix(typeName(bare.request), "RequestType")
	}
	return strings.TrimSuffix(typeName(body), "Body")
}

func typeName(v any) string {
	return reflect.Indirect(reflect.ValueOf(v)).Type().Name()
}

package vsphere

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

const (
	maxAnswer   = soapxml.MaxSize // bytes
	maxPrealloc = 16 << 20        // a Content-Length is believed up to here; beyond, memory grows with what arrives
)

// answer is what came back over HTTP, read to its end.
type answer struct {
	status   int
	location string
	body     []byte
}

// readAnswer reads a response to its end. One that ends before its Content-Length, or inside a chunk, is an error of
// the body's reader.
func readAnswer(res *http.Response) (*answer, error) {
	expected := min(res.ContentLength, maxPrealloc)
	if expected < 0 {
		expected = 64 << 10
	}
	buffer := bytes.NewBuffer(make([]byte, 0, expected+bytes.MinRead))
	n, err := buffer.ReadFrom(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer was cut after %d bytes: %w", n, err)
	case n > maxAnswer:
		return nil, fmt.Errorf("the answer has more than %d bytes", int64(maxAnswer))
	}
	return &answer{status: res.StatusCode, location: location(res), body: buffer.Bytes()}, nil
}

// location is where a redirect leads, less what could be a secret.
func location(res *http.Response) string {
	to, err := res.Location()
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String()
}

// check says whether the answer is a response of the API; a fault is its error.
func (a *answer) check() error {
	switch a.status {
	case http.StatusOK, http.StatusInternalServerError:
	default:
		return &statusError{code: a.status, location: a.location}
	}
	err := whole(a.body)
	switch {
	case err == nil && soapxml.IsFault(a.body):
		return decodeFault(a.body)
	case a.status != http.StatusOK:
		// A fault comes with status 500, but so does the error page of a server that has none to tell.
		return &statusError{code: a.status}
	}
	return err
}

// whole says whether a body is a SOAP envelope that is closed. Whether all between is well-formed is for its reader to
// find; here only the ends are looked at, for this is the hot path.
func whole(body []byte) error {
	first := soapxml.NewScanner(body)
	kind, err := first.Next()
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return &foreignError{what: "empty"}
	case soapxml.IsTruncated(err):
		return &truncatedError{size: len(body)}
	case strings.HasPrefix(http.DetectContentType(body), "text/html"):
		return &foreignError{what: "an HTML page"}
	case err != nil:
		return &foreignError{what: "not XML"}
	case kind != soapxml.Start || string(first.Name()) != "Envelope":
		return &foreignError{what: "XML, but not a SOAP envelope"}
	case !closed(body):
		return &truncatedError{size: len(body)}
	}
	return nil
}

// closed says whether a body ends with the end tag of an Envelope. It may not be read out of anything else: within
// character data and values a '<' is escaped.
func closed(body []byte) bool {
	tag, isTag := bytes.CutSuffix(bytes.TrimRight(body, " \t\r\n"), []byte(">"))
	if !isTag {
		return false
	}
	name, isEnd := bytes.CutPrefix(tag[max(bytes.LastIndexByte(tag, '<'), 0):], []byte("</"))
	name = name[bytes.IndexByte(name, ':')+1:]
	return isEnd && string(bytes.TrimRight(name, " \t\r\n")) == "Envelope"
}

// decodeFault decodes an envelope with a Fault into govmomi's type of that fault.
func decodeFault(body []byte) error {
	var envelope struct {
		Body struct {
			Fault *soap.Fault `xml:"http://schemas.xmlsoap.org/soap/envelope/ Fault"`
		}
	}
	if err := decode(body, &envelope, types.TypeFunc()); err != nil {
		return err
	}
	if envelope.Body.Fault == nil {
		return &foreignError{what: "a SOAP fault of an unknown kind"}
	}
	return &faultError{err: soap.WrapSoapFault(envelope.Body.Fault), fault: envelope.Body.Fault}
}

func decode(body []byte, into any, typeFunc types.Func) error {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	decoder.TypeFunc = typeFunc
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("decode the answer: %w", err)
	}
	return nil
}

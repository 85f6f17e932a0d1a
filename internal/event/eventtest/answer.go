package eventtest

import (
	"bytes"
	"fmt"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// Answer returns the answer to ReadNextEvents with n typical events: a whole SOAP envelope of about 1,150 bytes an event.
func Answer(n int, seed int64) []byte { return Page(Typical(n, seed)...) }

// Page returns the answer to ReadNextEvents with these events.
func Page(events ...types.BaseEvent) []byte {
	return Envelope(&methods.ReadNextEventsBody{Res: &types.ReadNextEventsResponse{Returnval: events}})
}

// envelope declares the namespaces that vCenter declares.
type envelope struct {
	XMLName xml.Name `xml:"soapenv:Envelope"`
	Enc     string   `xml:"xmlns:soapenc,attr"`
	Env     string   `xml:"xmlns:soapenv,attr"`
	XSD     string   `xml:"xmlns:xsd,attr"`
	XSI     string   `xml:"xmlns:xsi,attr"`
	Body    any      `xml:"soapenv:Body"`
}

// Envelope writes a SOAP answer around the body of a method of govmomi, such as methods.ReadNextEventsBody. It panics when
// govmomi cannot write it.
func Envelope(body any) []byte {
	var out bytes.Buffer
	out.WriteString(xml.Header)
	err := xml.NewEncoder(&out).Encode(&envelope{
		Enc:  "http://schemas.xmlsoap.org/soap/encoding/",
		Env:  "http://schemas.xmlsoap.org/soap/envelope/",
		XSD:  "http://www.w3.org/2001/XMLSchema",
		XSI:  "http://www.w3.org/2001/XMLSchema-instance",
		Body: body,
	})
	if err != nil {
		panic(fmt.Sprintf("write a SOAP answer: %v", err))
	}
	return out.Bytes()
}

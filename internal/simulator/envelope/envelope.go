package envelope

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

const (
	head = xml.Header + `<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"` +
		` xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + "\n<soapenv:Body>\n"
	tail = "\n</soapenv:Body>\n</soapenv:Envelope>\n"
)

// Answer is the envelope around a method's response whose content is given as XML.
func Answer(response string, content []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(head) + len(content) + len(tail) + 2*len(response) + 32)
	b.WriteString(head)
	fmt.Fprintf(&b, `<%s xmlns="urn:vim25">`, response)
	b.Write(content)
	fmt.Fprintf(&b, "</%s>", response)
	b.WriteString(tail)
	return b.Bytes()
}

// Fault is the envelope around a fault. Its HTTP status is 500.
func Fault(message string, fault types.BaseMethodFault) ([]byte, error) {
	class := reflect.TypeOf(fault).Elem().Name()
	detail, err := Content(fault)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(head)
	b.WriteString("<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>")
	if err := xml.EscapeText(&b, []byte(message)); err != nil {
		return nil, fmt.Errorf("write fault string: %w", err)
	}
	fmt.Fprintf(&b, `</faultstring><detail><%[1]sFault xmlns="urn:vim25" xsi:type="%[1]s">%[2]s</%[1]sFault></detail></soapenv:Fault>`,
		class, detail)
	b.WriteString(tail)
	return b.Bytes(), nil
}

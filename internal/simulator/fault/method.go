package fault

import (
	"bytes"
	"encoding/xml"
	"net/http"
)

// methodOf names what a request calls; see the package's doc.
func methodOf(r *http.Request, body []byte) string {
	if name := soapMethod(body); name != "" {
		return name
	}
	return r.Method + " " + r.URL.Path
}

// soapMethod is the local name of the first element in a SOAP body, "" where there is none.
func soapMethod(envelope []byte) string {
	decoder := xml.NewDecoder(bytes.NewReader(envelope))
	inBody := false
	for {
		token, err := decoder.RawToken()
		if err != nil {
			return ""
		}
		element, ok := token.(xml.StartElement)
		if ok && inBody {
			return element.Name.Local
		}
		inBody = ok && element.Name.Local == "Body" || inBody
	}
}

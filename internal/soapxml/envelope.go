package soapxml

import "errors"

var (
	errNoEnvelope = errors.New("the document is not a SOAP envelope")
	errNoBody     = errors.New("the SOAP envelope has no body")
)

// Body reads a whole SOAP answer and returns what its Body holds: a response, or a Fault.
func Body(answer []byte) (Elements, error) {
	document, err := Parse(answer)
	if err != nil {
		return nil, err
	}
	_, envelope, ok := document.Find("Envelope")
	if !ok {
		return nil, errNoEnvelope
	}
	_, body, ok := envelope.Find("Body")
	if !ok {
		return nil, errNoBody
	}
	return body, nil
}

// IsFault reports whether a SOAP answer is a Fault. It reads no further than to the first element of the Body, so it says
// nothing of the rest, which may be malformed or cut.
func IsFault(answer []byte) bool {
	s := NewScanner(answer)
	path := [...]string{"Envelope", "Body", "Fault"}
	matched := 0 // elements of path that are open
	for {
		kind, err := s.Next()
		switch {
		case err != nil:
			return false
		case kind == Start && s.Depth() == matched+1:
			if string(s.Name()) == path[matched] {
				matched++
			} else if matched != 1 {
				return false // not an envelope, or a response; beside Body there is a Header
			}
			if matched == len(path) {
				return true
			}
		case kind == End && s.Depth() < matched:
			return false
		}
	}
}

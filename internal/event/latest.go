package event

import (
	"errors"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// errNoLatestPage is what an answer means that has no latestPage at all: to a session that is lost, vCenter
// answers with an object whose properties are missing, and not with a fault.
var errNoLatestPage = errors.New("the answer has no latestPage")

// DecodeLatestPage reads the events out of a RetrievePropertiesEx answer with the latestPage of one collector.
func DecodeLatestPage(body []byte) ([]Event, error) {
	answer, err := soapxml.Body(body)
	if err != nil {
		return nil, err
	}
	_, response, _ := answer.Find("RetrievePropertiesExResponse")
	_, result, _ := response.Find("returnval")
	_, object, _ := result.Find("objects")
	_, property, found := object.Find("propSet")
	if !found {
		return nil, errNoLatestPage
	}
	_, value, _ := property.Find("val")
	return DecodeArray(value)
}

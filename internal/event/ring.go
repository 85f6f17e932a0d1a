package event

import (
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// DecodeRing reads the events out of a WaitForUpdatesEx answer with a new value of one collector's latestPage.
func DecodeRing(body []byte) ([]Event, error) {
	answer, err := soapxml.Body(body)
	if err != nil {
		return nil, err
	}
	_, response, _ := answer.Find("WaitForUpdatesExResponse")
	_, set, _ := response.Find("returnval")
	_, filter, _ := set.Find("filterSet")
	_, object, _ := filter.Find("objectSet")
	_, change, found := object.Find("changeSet")
	if !found {
		return nil, errNoLatestPage
	}
	_, value, _ := change.Find("val")
	return DecodeArray(value)
}

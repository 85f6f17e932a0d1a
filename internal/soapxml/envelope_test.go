package soapxml

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const fault = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header><Fault/></soapenv:Header><soapenv:Body>
<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>The session is not authenticated.</faultstring>
<detail><NotAuthenticatedFault xmlns="urn:vim25" xsi:type="NotAuthenticated"/></detail></soapenv:Fault>
</soapenv:Body></soapenv:Envelope>`

func TestBodyIsLocated(t *testing.T) {
	body, err := Body([]byte(fault))
	require.NoError(t, err)
	assert.Equal(t, "The session is not authenticated.", body.Text("Fault", "faultstring"))
	_, detail, _ := body[1:].Find("detail")
	assert.Equal(t, "NotAuthenticated", detail[0].Type)

	_, err = Body([]byte(`<html><Body/></html>`))
	assert.ErrorIs(t, err, errNoEnvelope)
	_, err = Body([]byte(`<Envelope><Header/></Envelope>`))
	assert.ErrorIs(t, err, errNoBody)
	_, err = Body([]byte(strings.TrimSuffix(fault, ">")))
	assert.True(t, IsTruncated(err), "an answer counts only when its envelope is closed")
	body, err = Body([]byte(`<Envelope><Body/></Envelope>`))
	require.NoError(t, err)
	assert.Empty(t, body)
}

func TestIsFault(t *testing.T) {
	for body, want := range map[string]bool{
		fault:                     true,
		`<Envelope><Body><Fault>`: true, // the rest is not looked at
		`<Envelope><Body><R><Fault/></R></Body></Envelope>`:          false,
		`<Envelope><Body><R/><Fault/></Body></Envelope>`:             false,
		`<Envelope><Body/><Fault/></Envelope>`:                       false,
		`<Envelope><Header><Body><Fault/></Body></Header><Body><R/>`: false,
		`<Envelope><Header/><Body><f:Fault/></Body></Envelope>`:      true,
		`<x><Body><Fault/></Body></x>`:                               false,
		`<Envelope>`:                                                 false,
		``:                                                           false,
	} {
		assert.Equal(t, want, IsFault([]byte(body)), body)
	}
}

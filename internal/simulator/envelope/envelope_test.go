package envelope_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/envelope"
)

func decode(t *testing.T, body []byte, into any) *soap.Fault {
	t.Helper()
	var fault struct {
		Fault *soap.Fault `xml:"http://schemas.xmlsoap.org/soap/envelope/ Fault"`
	}
	read := func(v any) error {
		d := xml.NewDecoder(bytes.NewReader(body))
		d.TypeFunc = types.TypeFunc()
		return d.Decode(&soap.Envelope{Body: v})
	}
	require.NoError(t, read(&fault))
	require.NoError(t, read(into))
	return fault.Fault
}

func TestAnAnswerLooksLikeAVCenters(t *testing.T) {
	e := &types.EventEx{EventTypeId: "a", Arguments: []types.KeyAnyValue{{Key: "n", Value: int32(4)}, {Key: "s", Value: `_XMLSchema-instance:type="x"`}}}
	content, err := envelope.Content(e)
	require.NoError(t, err)
	body := envelope.Answer("ReadNextEventsResponse", envelope.Element("returnval", "EventEx", content))
	assert.Contains(t, string(body), `<returnval xsi:type="EventEx"><key>0</key>`)
	assert.Contains(t, string(body), `<value xsi:type="xsd:int">4</value>`)
	assert.NotContains(t, string(body), "xmlns:_XMLSchema")

	var res struct {
		Res types.ReadNextEventsResponse `xml:"ReadNextEventsResponse"`
	}
	require.Nil(t, decode(t, body, &res))
	require.Len(t, res.Res.Returnval, 1)
	assert.Equal(t, e.Arguments, res.Res.Returnval[0].(*types.EventEx).Arguments)
}

func TestAFaultIsTyped(t *testing.T) {
	body, err := envelope.Fault("no <way>", &types.InvalidArgument{InvalidProperty: "maxCount"})
	require.NoError(t, err)
	f := decode(t, body, &struct{}{})
	require.NotNil(t, f)
	assert.Equal(t, "no <way>", f.String)
	assert.Equal(t, types.InvalidArgument{InvalidProperty: "maxCount"}, f.VimFault())
}

func TestAValueIsWrittenAsItIs(t *testing.T) {
	content, err := envelope.Content(types.PropertyChange{Name: "latestPage", Op: "assign", Val: envelope.Value{
		Class: "ArrayOfEvent", Content: []byte(`<Event xsi:type="WarpEvent"><key>1</key></Event>`),
	}})
	require.NoError(t, err)
	assert.Contains(t, string(content), `<val xsi:type="ArrayOfEvent"><Event xsi:type="WarpEvent"><key>1</key></Event></val>`)
}

func TestOnlyWhatIsAnElementHasContent(t *testing.T) {
	_, err := envelope.Content(func() {})
	require.Error(t, err)
}

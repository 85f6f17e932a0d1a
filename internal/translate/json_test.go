package translate

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

func jsonOf(t testing.TB, xml string) string {
	all, err := soapxml.Parse([]byte(xml))
	require.NoError(t, err)
	var d document
	d.element(&all[0], all[1:])
	return string(d)
}

func TestJSON(t *testing.T) {
	const ns = `<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"`
	for _, test := range []struct{ name, xml, expected string }{
		{"object", ns + `><b>1</b><a>2</a></r>`, `{"b":"1","a":"2"}`},
		{"empty members", ns + `><a/><b>1</b><c></c></r>`, `{"b":"1"}`},
		{"empty siblings", ns + `><a>1</a><a/><a>3</a></r>`, `{"a":["1","","3"]}`},
		{"siblings of one name", ns + `><a>1</a><a>2</a><b>3</b></r>`, `{"a":["1","2"],"b":"3"}`},
		{"type", ns + ` xsi:type="Disk"><a>1</a></r>`, `{"_typeName":"Disk","a":"1"}`},
		{"type of a member without any", ns + `><a xsi:type="Fault"/></r>`, `{"a":{"_typeName":"Fault"}}`},
		{"reference", ns + `><a type="HostSystem">host-1</a></r>`, `{"a":{"type":"HostSystem","value":"host-1"}}`},
		{"array", ns + ` xsi:type="ArrayOfString"><string>a</string></r>`, `["a"]`},
		{"numbers", ns + `><a xsi:type="xsd:int">-7</a><b xsi:type="xsd:boolean">true</b><c xsi:type="xsd:double">0.5</c><d xsi:type="xsd:long">x</d></r>`, `{"a":-7,"b":true,"c":0.5,"d":"x"}`},
		{"escapes", ns + `><a>"\&#x9;&#xA;&#xD;&lt;é☃</a></r>`, `{"a":"\"\\\t\n\r<é☃"}`},
		{"session", ns + ` xsi:type="UserSession"><key>SECRET</key><userName>u</userName></r>`, `{"_typeName":"UserSession","userName":"u"}`},
		{"option", ns + `><key>RemoteDisplay.vnc.password</key><value>SECRET</value></r>`, `{"key":"RemoteDisplay.vnc.password"}`},
		{"nothing but a secret", ns + `><password>SECRET</password></r>`, `{}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			actual := jsonOf(t, test.xml)
			assert.Equal(t, test.expected, actual)
			assert.True(t, json.Valid([]byte(actual)))
		})
	}
}

func TestJSONEscapesAsTheStandardDoes(t *testing.T) {
	for _, text := range []string{"", "plain", "\x00\x01\x1f \x7f", `"\/`, "é☃🙂", "\xff", "a\x80\xffb", "\u2028", "\xed\xa0\x80"} {
		var d document
		d.text(text)
		var back, expected string
		require.NoError(t, json.Unmarshal(d, &back), "%q", text)
		standard, err := json.Marshal(text)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(standard, &expected))
		assert.Equal(t, expected, back, "%q", text)
	}
}

func TestJSONOfALargeConfigurationIsNotWrittenWhole(t *testing.T) {
	var xml strings.Builder
	xml.WriteString("<r>")
	for i := range 20_000 {
		fmt.Fprintf(&xml, "<a%d><b>%s</b></a%d>", i, strings.Repeat("x", 100), i)
	}
	fmt.Fprintf(&xml, "<z>%s</z></r>", strings.Repeat("y", 1<<20))
	assert.Less(t, len(jsonOf(t, xml.String())), maxValue+1024)
	assert.Less(t, len(jsonOf(t, "<r><z>"+strings.Repeat("y", 1<<20)+"</z></r>")), maxValue+1024)
}

func TestSecrets(t *testing.T) {
	for name, secret := range map[string]bool{
		"sessionId": true, "sessionKey": true, "password": true, "vcSessionID": true, "session_id": true,
		"RemoteDisplay.vnc.password": true, "passwordExpiresInDays": false, "session": false, "id": false, "": false,
	} {
		assert.Equal(t, secret, isSecret(name), name)
	}
}

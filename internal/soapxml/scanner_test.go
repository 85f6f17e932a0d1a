package soapxml

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tokens writes what a scanner tells in one line, and the error that ends it.
func tokens(body string) (string, error) {
	s := NewScanner([]byte(body))
	var out []string
	for {
		kind, err := s.Next()
		switch {
		case err == io.EOF:
			return strings.Join(out, " "), nil
		case err != nil:
			return strings.Join(out, " "), err
		case kind == Start:
			out = append(out, fmt.Sprintf("<%s|%s|%s>", s.Name(), s.Type(), s.Ref()))
		case kind == Text:
			out = append(out, fmt.Sprintf("%q", s.Text()))
		case kind == End:
			out = append(out, fmt.Sprintf("</%s>", s.Name()))
		}
	}
}

const xsi = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`

// constructs are documents that are read, with their tokens.
var constructs = map[string]struct{ body, want string }{
	"element":               {`<a></a>`, `<a||> </a>`},
	"self-closing":          {`<a/>`, `<a||> </a>`},
	"self-closing inside":   {`<a><b /><c x="1"/></a>`, `<a||> <b||> </b> <c||> </c> </a>`},
	"text":                  {`<a> x y </a>`, `<a||> " x y " </a>`},
	"text is not trimmed":   {"<a>\n\t</a>", `<a||> "\n\t" </a>`},
	"prefixes":              {`<soapenv:a><ns1:b>x</ns1:b></soapenv:a>`, `<a||> <b||> "x" </b> </a>`},
	"same name inside":      {`<a><a><a/></a></a>`, `<a||> <a||> <a||> </a> </a> </a>`},
	"odd colons":            {`<:a><b: /></:a>`, `<:a||> <b:||> </b:> </:a>`},
	"names":                 {`<_a.b-c1/>`, `<_a.b-c1||> </_a.b-c1>`},
	"wide name":             {`<größe/>`, `<größe||> </größe>`},
	"space in tags":         {"<a\n x = '1'\t></a \n>", `<a||> </a>`},
	"entities":              {`<a>&lt;&gt;&amp;&quot;&apos;</a>`, `<a||> "<>&\"'" </a>`},
	"numbers":               {`<a>&#65;&#x42;&#x1F600;&#0067;&#10;</a>`, `<a||> "AB😀C\n" </a>`},
	"surrogate":             {`<a>&#xD800;</a>`, `<a||> "�" </a>`},
	"entity kept once":      {`<a>x&amp;lt;y</a>`, `<a||> "x&lt;y" </a>`},
	"carriage returns":      {"<a>1\r\n2\r3\n4&#13;\n</a>", `<a||> "1\n2\n3\n4\r\n" </a>`},
	"CDATA":                 {`<a>x<![CDATA[<b>&amp;]]]]><![CDATA[>]]>y</a>`, `<a||> "x" "<b>&amp;]]" ">" "y" </a>`},
	"empty CDATA":           {`<a><![CDATA[]]></a>`, `<a||> "" </a>`},
	"carriage in CDATA":     {"<a><![CDATA[1\r\n2\r]]></a>", `<a||> "1\n2\n" </a>`},
	"brackets in text":      {`<a>]] ]></a>`, `<a||> "]] ]>" </a>`},
	"comment":               {`<!-- - <x> --><a>1<!----><b/>2<!-- & --></a><!-- -->`, `<a||> "1" <b||> </b> "2" </a>`},
	"instruction":           {`<?x?><a><?y <b> ?></a><?z?>`, `<a||> </a>`},
	"header":                {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>\n", `<a||> </a>`},
	"header of another way": {`<?xml version='1.0' encoding = 'utf-8' standalone="yes" ?><a/>`, `<a||> </a>`},
	"byte order mark":       {"\uFEFF<?xml version=\"1.0\"?><a/>", `<a||> </a>`},
	"beyond ASCII":          {`<a>VM „größe“ 机器 😀</a>`, `<a||> "VM „größe“ 机器 😀" </a>`},

	"vCenter's xsi:type":      {`<e ` + xsi + `><a xsi:type="VmEvent"/></e>`, `<e||> <a|VmEvent|> </a> </e>`},
	"vcsim's xsi:type":        {`<a xmlns:XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" XMLSchema-instance:type="VmEvent"/>`, `<a|VmEvent|> </a>`},
	"type before its prefix":  {`<a p:type='VmEvent' xmlns:p='http://www.w3.org/2001/XMLSchema-instance'/>`, `<a|VmEvent|> </a>`},
	"type with a prefix":      {`<a ` + xsi + ` xsi:type=" vim25:VmEvent "/>`, `<a|VmEvent|> </a>`},
	"type of an unknown":      {`<a p:type="VmEvent"/>`, `<a|VmEvent|> </a>`},
	"type of another":         {`<a xmlns:l="http://www.w3.org/1999/xlink" l:type="simple"/>`, `<a||> </a>`},
	"type of xml":             {`<a xml:type="x"/>`, `<a||> </a>`},
	"type sure before unsure": {`<a ` + xsi + ` p:type="X" xsi:type="VmEvent" q:type="Y"/>`, `<a|VmEvent|> </a>`},
	"prefix bound anew":       {`<e ` + xsi + `><a xmlns:xsi="urn:x" xsi:type="X"/><b xsi:type="Y"/></e>`, `<e||> <a||> </a> <b|Y|> </b> </e>`},
	"prefix out of scope":     {`<e><a xmlns:p="urn:x"/><b p:type="Y"/></e>`, `<e||> <a||> </a> <b|Y|> </b> </e>`},
	"prefix named type":       {`<a xmlns:type="http://www.w3.org/2001/XMLSchema-instance" type:type="X"/>`, `<a|X|> </a>`},
	"reference":               {`<vm type="VirtualMachine">vm-42</vm>`, `<vm||VirtualMachine> "vm-42" </vm>`},
	"reference and type":      {`<vm type="VirtualMachine" xsi:type="ManagedObjectReference">vm-42</vm>`, `<vm|ManagedObjectReference|VirtualMachine> "vm-42" </vm>`},
	"either quote":            {`<a type='"x"'/>`, `<a||"x"> </a>`},
	"values are unescaped":    {"<a type='&lt;]]>&#39;\r\n' x='&amp;'/>", "<a||<]]>'\n> </a>"},
	"namespace unescaped":     {`<a p:type="X" xmlns:p="http:&#47;/www.w3.org/2001/XMLSchema-instance" q:type="Y" xmlns:q=""/>`, `<a|X|> </a>`},
}

func TestScannerReadsEveryConstruct(t *testing.T) {
	for name, c := range constructs {
		t.Run(name, func(t *testing.T) {
			got, err := tokens(c.body)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

// refusals are documents that are not read, and why.
var refusals = map[string]struct{ body, reason string }{
	"mismatched end":         {`<a></b>`, "an end tag of another element"},
	"mismatched prefix":      {`<x:a></y:a>`, "an end tag of another element"},
	"shorter end":            {`<ab></a>`, "an end tag of another element"},
	"end first":              {`</a>`, "an end tag without a start"},
	"crossed":                {`<a><b></a></b>`, "an end tag of another element"},
	"garbage behind":         {`<a/>x`, "text outside of the root element"},
	"garbage before":         {`x<a/>`, "text outside of the root element"},
	"CDATA behind":           {`<a/><![CDATA[]]>`, "text outside of the root element"},
	"entity behind":          {`<a/>&#32;`, "text outside of the root element"},
	"a second root":          {`<a/><a/>`, "a second root element"},
	"a second end":           {`<a></a></a>`, "an end tag without a start"},
	"DOCTYPE":                {`<!DOCTYPE a><a/>`, "a DOCTYPE, or something like it"},
	"entity declaration":     {`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "a DOCTYPE, or something like it"},
	"unknown entity":         {`<a>&nbsp;</a>`, "an unknown entity"},
	"empty entity":           {`<a>&;</a>`, "an unknown entity"},
	"empty number":           {`<a>&#;</a>`, "an unknown entity"},
	"empty hexadecimal":      {`<a>&#x;</a>`, "an unknown entity"},
	"capital X":              {`<a>&#X41;</a>`, "an unknown entity"},
	"hexadecimal in decimal": {`<a>&#4a;</a>`, "an unknown entity"},
	"zero character":         {`<a>&#0;</a>`, "an unknown entity"},
	"beyond Unicode":         {`<a>&#x110000;</a>`, "an unknown entity"},
	"number overflow":        {`<a>&#99999999999999999999999;</a>`, "an unknown entity"},
	"no semicolon":           {`<a>a & b</a>`, "an entity without an end"},
	"no semicolon for long":  {`<a>&` + strings.Repeat("x", 100) + `;</a>`, "an unknown entity"},
	"CDATA's end in text":    {`<a>]]></a>`, "]]> outside of CDATA"},
	"control character":      {"<a>\x00</a>", "an illegal character"},
	"control in CDATA":       {"<a><![CDATA[\x1B]]></a>", "an illegal character"},
	"noncharacter":           {"<a>\uFFFE</a>", "an illegal character"},
	"control in a value":     {"<a x='\x01'/>", "an illegal character"},
	"invalid UTF-8":          {"<a>\xFF</a>", "invalid UTF-8"},
	"cut UTF-8":              {"<a>\xE2\x82</a>", "invalid UTF-8"},
	"invalid in a name":      {"<a\xFF/>", "a malformed name"},
	"no name":                {`<a><></></a>`, "a name is missing or malformed"},
	"space before the name":  {`< a/>`, "a name is missing or malformed"},
	"name of a digit":        {`<1a/>`, "a name is missing or malformed"},
	"two colons":             {`<a:b:c/>`, "a name is missing or malformed"},
	"wide name not a name":   {`<a×/>`, "a malformed name"},
	"attribute twice":        {`<a x="1" x="2"/>`, "an attribute twice"},
	"no value":               {`<a x/>`, "an attribute without a value"},
	"no quotes":              {`<a x=1/>`, "an attribute value without quotes"},
	"tag in a value":         {`<a x="<"/>`, "< inside of quotes"},
	"slash and space":        {`<a/ >`, "a tag has no end"},
	"end tag's attribute":    {`<a></a x="1">`, "an end tag has no end"},
	"dashes in a comment":    {`<a><!-- -- --></a>`, "-- inside of a comment"},
	"XML 1.1":                {`<?xml version="1.1"?><a/>`, "an XML declaration of another version or encoding, or malformed"},
	"Latin-1":                {`<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, "an XML declaration of another version or encoding, or malformed"},
	"late declaration":       {` <?xml version="1.0"?><a/>`, "an XML declaration that is not at the begin"},
	"capital declaration":    {`<?XML version="1.0"?><a/>`, "an XML declaration that is not at the begin"},
	"too deep":               {strings.Repeat("<a>", MaxDepth+1) + strings.Repeat("</a>", MaxDepth+1), "too many elements inside each other"},
	"too many attributes":    {`<a` + attributeList(MaxAttributes+1) + `/>`, "too many attributes"},
}

func attributeList(n int) (list string) {
	for i := range n {
		list += fmt.Sprintf(` x%d=""`, i)
	}
	return list
}

func TestScannerRefusesWhatIsMalformed(t *testing.T) {
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			_, err := tokens(c.body)
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax)
			assert.Equal(t, c.reason, syntax.Reason)
			assert.True(t, IsSyntax(err))
			assert.False(t, IsTruncated(err), "nothing is missing")
			_, err = Parse([]byte(c.body))
			assert.Error(t, err)
		})
	}
}

func TestScannerReadsUpToItsLimits(t *testing.T) {
	_, err := tokens(strings.Repeat("<a>", MaxDepth) + strings.Repeat("</a>", MaxDepth))
	assert.NoError(t, err)
	_, err = tokens(`<a` + attributeList(MaxAttributes) + `/>`)
	assert.NoError(t, err)
}

func TestScannerRefusesABodyThatIsTooLarge(t *testing.T) {
	body := []byte(`<a></a>`)
	_, err := newScanner(body, len(body)).Next()
	assert.NoError(t, err)
	_, err = newScanner(body, len(body)-1).Next()
	assert.EqualError(t, err, "malformed XML at byte 0: the body is too large")
}

func TestScannerKeepsItsError(t *testing.T) {
	s := NewScanner([]byte(`<a></b></a>`))
	_, err := s.Next()
	require.NoError(t, err)
	_, first := s.Next()
	require.Error(t, first)
	_, second := s.Next()
	assert.Equal(t, first, second)

	s = NewScanner([]byte(`<a/>`))
	for range 2 {
		_, err = s.Next()
		require.NoError(t, err)
	}
	for range 2 {
		_, err = s.Next()
		assert.Equal(t, io.EOF, err)
	}
}

func TestErrorHoldsNothingOfTheBody(t *testing.T) {
	_, err := Parse([]byte(`<a><password>hunter2</passwort></a>`))
	assert.EqualError(t, err, "malformed XML at byte 20: an end tag of another element")
}

// A body that is cut is an error at every offset, and is told from one that is wrong.
func TestBodyCutAtEveryOffset(t *testing.T) {
	bodies := map[string]string{}
	for name, c := range constructs {
		bodies[name] = c.body
	}
	for _, file := range []string{"vcsim.xml", "vcenter.xml"} {
		body, err := os.ReadFile(filepath.Join("testdata", file))
		require.NoError(t, err)
		bodies[file] = string(body)
	}
	for name, body := range bodies {
		end := strings.LastIndexByte(body, '>')
		if name == "comment" || name == "instruction" {
			end = strings.LastIndex(body, "</a>") + 3 // what follows may be missing
		}
		for n := range end {
			_, err := Parse([]byte(body[:n]))
			require.Truef(t, IsTruncated(err), "%s cut at %d of %d: %v", name, n, len(body), err)
		}
	}
}

func TestScannerAllocatesNothingPerElement(t *testing.T) {
	element := `<returnval p:type="vim25:X&amp;Y" xmlns:p="http://www.w3.org/2001/XMLSchema-instance"><vm type="VirtualMachine">vm-1</vm>` +
		"<m>a &lt; b\r\nc<![CDATA[\r\n]]></m><e/><!-- c --></returnval>"
	allocations := func(n int) float64 {
		body := []byte("<a>" + strings.Repeat(element, n) + "</a>")
		return testing.AllocsPerRun(10, func() {
			s := NewScanner(body)
			for {
				if _, err := s.Next(); err != nil {
					return
				}
			}
		})
	}
	assert.Equal(t, allocations(2), allocations(2000))
}

package soapxml

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, body string) Elements {
	t.Helper()
	elements, err := Parse([]byte(body))
	require.NoError(t, err)
	return elements
}

func TestParseBuildsAFlatTree(t *testing.T) {
	got := parse(t, `<a><b>x<!-- -->y<![CDATA[<]]></b> <c p:type="T" type="R"> drop <d/> drop </c></a>`)
	assert.Equal(t, Elements{
		{Name: "a", Span: 4},
		{Name: "b", Text: "xy<", Span: 1},
		{Name: "c", Type: "T", Ref: "R", Span: 2},
		{Name: "d", Span: 1},
	}, got)
}

func TestParseReadsWhatEncodingXMLReads(t *testing.T) {
	for _, file := range []string{"vcsim.xml", "vcenter.xml"} {
		body, err := os.ReadFile(filepath.Join("testdata", file))
		require.NoError(t, err)
		want, err := parseReference(body)
		require.NoError(t, err)
		assert.Equal(t, want, parse(t, string(body)))
	}
	for name, c := range constructs {
		want, err := parseReference([]byte(c.body))
		require.NoError(t, err, name)
		assert.Equal(t, want, parse(t, c.body), name)
	}
	for name, c := range refusals {
		_, err := parseReference([]byte(c.body))
		if name != "no semicolon for long" {
			assert.Error(t, err, name)
		}
	}
}

// A caller may read the next answer into the same buffer.
func TestElementsOwnTheirStrings(t *testing.T) {
	body := []byte(`<a type="R" p:type="T"><b>text</b><c>a&amp;b</c></a>`)
	got, err := Parse(body)
	require.NoError(t, err)
	clear(body)
	assert.Equal(t, Elements{{Name: "a", Type: "T", Ref: "R", Span: 3}, {Name: "b", Text: "text", Span: 1}, {Name: "c", Text: "a&b", Span: 1}}, got)
}

func TestParseAllocatesPerPageNotPerElement(t *testing.T) {
	body := []byte("<a>")
	for range 2000 {
		body = append(body, `<vm type="VirtualMachine"><name>x &amp; y</name></vm>`...)
	}
	body = append(body, "</a>"...)
	allocations := testing.AllocsPerRun(10, func() {
		_, err := Parse(body)
		if err != nil {
			t.Fatal(err)
		}
	})
	assert.LessOrEqual(t, allocations, 12.0)
}

func TestElementsAreWalked(t *testing.T) {
	root := parse(t, `<a><b><c>1</c><c>2</c></b><b/><d><c>3</c></d></a>`)
	_, children, ok := root.Find("a")
	require.True(t, ok)
	var names []string
	for e, below := range children.All() {
		names = append(names, e.Name)
		assert.Len(t, below, e.Span-1)
	}
	assert.Equal(t, []string{"b", "b", "d"}, names)
	for e := range children.All() {
		assert.Equal(t, "b", e.Name)
		break
	}
	assert.Equal(t, "1", root.Text("a", "b", "c"), "the first of each name")
	assert.Equal(t, "3", root.Text("a", "d", "c"))
	assert.Empty(t, root.Text("a", "x"))
	assert.Empty(t, root.Text())
	_, _, ok = children.Find("c")
	assert.False(t, ok, "only siblings are looked at")
}

package soapxml

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// longReference has more leading zeros than are read.
var longReference = regexp.MustCompile(`&#x?0{50}`)

// FuzzScanner holds this package against encoding/xml: the same documents are read, and to the same elements.
func FuzzScanner(f *testing.F) {
	for _, c := range constructs {
		f.Add([]byte(c.body))
	}
	for _, c := range refusals {
		f.Add([]byte(c.body))
	}
	for _, file := range []string{"vcsim.xml", "vcenter.xml"} {
		body, err := os.ReadFile(filepath.Join("testdata", file))
		require.NoError(f, err)
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		got, err := Parse(body)
		want, wantErr := parseReference(body)
		if !longReference.Match(body) {
			require.Equalf(t, wantErr == nil, err == nil, "encoding/xml: %v; here: %v", wantErr, err)
		}
		if err == nil {
			require.NoError(t, wantErr)
			require.Equal(t, want, got)
		}
		require.Equal(t, before, body, "the body is only read")
		IsFault(body)
	})
}

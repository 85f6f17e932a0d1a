package rules

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// words are what the page for operators may quote: a metric, a setting, or what the program itself says.
type words struct {
	metrics  map[string]bool   // without their prefix
	settings map[string]string // in full, with what the README says of each
	texts    []string          // of the literals in the program
}

const (
	metricPrefix = "receiver_vcenter_stream_"

	// mostOf is how long a quotation must be that is only a part of a message.
	mostOf = 20
)

// othersWords are quoted, and not ours: each belongs to the collector, to one of its components, or to vCenter.
var othersWords = map[string]string{
	"http://localhost:8888/metrics":         "the collector's own metrics",
	"service::telemetry::metrics":           "the collector's own setting",
	"service::telemetry::traces":            "the collector's own setting",
	"otelcol_receiver_accepted_log_records": "a metric of every receiver",
	"otelcol_receiver_refused_log_records":  "a metric of every receiver",
	"otelcol_receiver_failed_log_records":   "a metric of every receiver",
	"healthcheckv2":                         "an extension",
	"/health/status?verbose":                "of healthcheckv2",
	"include_attributes: true":              "of healthcheckv2",
	"status":                                "of healthcheckv2",
	"file_storage":                          "an extension",
	"fsync: true":                           "of file_storage",
	"fsync: false":                          "of file_storage",
	"resource":                              "a processor",
	"vpxd":                                  "vCenter's service",
	"InvalidLogin":                          "a fault of vCenter",
	"NoPermission":                          "a fault of vCenter",
	"WaitForUpdatesEx":                      "a method of vCenter",
	"ReadNextEvents":                        "a method of vCenter",
}

var (
	metricName = regexp.MustCompile(`(?m)^    ` + metricPrefix + `(\w+):$`)
	settingRow = regexp.MustCompile("(?m)^\\| (`[^|]*`) \\| [^|]* \\| (.*) \\|$")
	fenced     = regexp.MustCompile("(?ms)^```.*?^```$")
)

// vocabulary collects them.
func vocabulary(sources []source, metadata, readme string) words {
	w := words{metrics: map[string]bool{}, settings: map[string]string{}}
	for _, name := range metricName.FindAllStringSubmatch(metadata, -1) {
		w.metrics[name[1]] = true
	}
	for _, row := range settingRow.FindAllStringSubmatch(readme, -1) {
		for _, key := range code.FindAllStringSubmatch(row[1], -1) {
			w.settings[key[1]] = row[2]
		}
	}
	for _, s := range sources {
		if s.production() || strings.HasPrefix(s.path, "internal/metadata/") && !s.test() {
			w.texts = append(w.texts, s.literals()...)
		}
	}
	return w
}

// literals are the texts that a file has; two that are joined by + are one.
func (s source) literals() (texts []string) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if text, ok := literal(n); ok {
			texts = append(texts, text)
		}
		return true
	})
	return texts
}

func literal(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(n.Value)
		return text, n.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		left, ok := literal(n.X)
		right, too := literal(n.Y)
		return left + right, ok && too && n.Op == token.ADD
	}
	return "", false
}

// said reports whether the program says a word, or a long part of a message. An attribute has its dots, or the underscores that
// Prometheus makes of them. Of v1/bad/… the beginning counts, and of http_ what stands before a number; a/b may be made of "a/"
// and "b".
func (w words) said(quoted string) bool {
	begin, open := strings.CutSuffix(quoted, "…")
	scope, name, scoped := strings.Cut(quoted, "/")
	scoped = scoped && slices.Contains(w.texts, scope+"/")
	return slices.ContainsFunc(w.texts, func(text string) bool {
		switch {
		case text == quoted, strings.ReplaceAll(text, ".", "_") == quoted, strings.HasPrefix(text, quoted+"%"):
			return true
		case open:
			return strings.HasPrefix(text, begin)
		}
		return scoped && text == name || len(quoted) >= mostOf && strings.Contains(text, quoted)
	})
}

// set reports whether a text names a setting, in full or by its last part, maybe with a value.
func (w words) set(quoted string) bool {
	key, _, _ := strings.Cut(quoted, ": ")
	if i := strings.LastIndex(key, "::"); i >= 0 && strings.Contains(w.settings[key[:i]], "`"+key[i+2:]+"`") {
		return true
	}
	for setting := range w.settings {
		if setting == key || strings.HasPrefix(setting, key+"::") || strings.HasSuffix(setting, "::"+key) {
			return true
		}
	}
	return false
}

// unknownWords are those that a page quotes, and that are nobody's; and those of others that it does not quote.
func unknownWords(page string, w words, others map[string]string) (breaches []string) {
	quoted := map[string]bool{}
	for _, span := range code.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		quoted[span[1]] = true
	}
	for text := range quoted {
		if _, foreign := others[text]; !foreign && !w.metrics[text] && !w.set(text) && !w.said(text) {
			breaches = append(breaches, fmt.Sprintf("`%s` is no metric, no setting, and nothing that the program says", text))
		}
	}
	for text := range others {
		if !quoted[text] {
			breaches = append(breaches, fmt.Sprintf("`%s` is not quoted any more", text))
		}
	}
	slices.Sort(breaches)
	return breaches
}

// Somebody who is woken up looks for a line of the log as the page quotes it.
func TestTheProgramSaysWhatItsOperatorsAreTold(t *testing.T) {
	metadata, err := os.ReadFile("../../metadata.yaml")
	require.NoError(t, err)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	w := vocabulary(load(t, os.DirFS("../..")), string(metadata), string(readme))
	require.NotEmpty(t, w.metrics)
	require.NotEmpty(t, w.settings)
	assert.Empty(t, unknownWords(page(t, "operations.md"), w, othersWords))
}

// A reader of the page that knows every word would be content with anything.
func TestAWordThatNobodySaysIsSeen(t *testing.T) {
	sources := load(t, fstest.MapFS{
		"receiver/log.go":      &fstest.MapFile{Data: []byte("package receiver\nvar said = []string{\"held\", \"the stored \" + \"position is damaged: it is kept\", \"v1/bad/%s\", \"http_%d\", \"span/\", \"page\", \"error.type\"}")},
		"receiver/log_test.go": &fstest.MapFile{Data: []byte("package receiver\nvar said = \"tests say it\"")},
	})
	w := vocabulary(sources, "    receiver_vcenter_stream_lag:\n", "| `events::max_age` | `0s` | how old |\n| `tls` | none | with `ca_file` |\n")
	for quoted, known := range map[string]bool{
		"held": true, "lag": true, "the stored position is damaged": true, "v1/bad/…": true, "http_": true, "span/page": true, "error_type": true,
		"events::max_age": true, "max_age: 1h": true, "events": true, "tls::ca_file": true, "file_storage": true,
		"is damaged": false, "hel": false, "tests say it": false, "tls::key_file": false, "age": false, "leg": false, "v1/good/…": false, "span/held/page": false,
	} {
		breaches := unknownWords("of `"+quoted+"`\n```yaml\nnothing of `this`\n```\n", w, map[string]string{"file_storage": "an extension"})
		breaches = slices.DeleteFunc(breaches, func(b string) bool { return strings.HasSuffix(b, "any more") })
		assert.Equal(t, known, len(breaches) == 0, quoted)
	}
	assert.Len(t, unknownWords("nothing", w, map[string]string{"file_storage": "an extension"}), 1)
}

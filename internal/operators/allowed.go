package operators

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/entry"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/parser/regex"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/add"
	stanzafilter "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/filter"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/router"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"
)

// Allowed are the types of operators that give one record for one, at once and the same every time.
var Allowed = []string{
	"add", "assign_keys", "copy", "csv_parser", "filter", "flatten", "json_array_parser", "json_parser", "key_value_parser",
	"move", "noop", "regex_parser", "regex_replace", "remove", "retain", "router", "sanitize_utf8", "scope_name_parser",
	"severity_parser", "time_parser", "trace_parser", "unquote", "uri_parser",
}

const (
	collects = "it keeps records until more of them come, and a record that is kept is neither delivered nor refused: a stop would lose it"
	outputs  = "records leave by the collector's pipeline, which says whether they were accepted; use an exporter"
	inputs   = "records come from vCenter; use a receiver of its own"
)

// Refused are the types that a user of stanza may look for, with the reason that they have no place here.
var Refused = map[string]string{
	"recombine":              collects,
	"container":              collects,
	"file_output":            outputs,
	"stdout":                 outputs,
	"drop_output":            "records leave by the collector's pipeline; use filter, which drops what it names and counts it as settled",
	"syslog_parser":          "a record of vCenter is no line of syslog",
	"file_input":             inputs,
	"generate_input":         inputs,
	"journald_input":         inputs,
	"namedpipe":              inputs,
	"stdin":                  inputs,
	"syslog_input":           inputs,
	"tcp_input":              inputs,
	"udp_input":              inputs,
	"windows_eventlog_input": inputs,
}

// CheckType says why there can be no operator of a type.
func CheckType(typ string) error {
	if slices.Contains(Allowed, typ) {
		return nil
	}
	if reason, known := Refused[typ]; known {
		return fmt.Errorf("%s is refused: %s", typ, reason)
	}
	return fmt.Errorf("%q is no type of operator that is allowed here: %s", typ, strings.Join(Allowed, ", "))
}

// Validate says which operator of a list cannot work, by its index and type, and why.
func Validate(configs []Config) error {
	if len(configs) == 0 {
		return nil
	}
	if err := judge(configs); err != nil {
		return err
	}
	_, err := build(configs, component.TelemetrySettings{Logger: zap.NewNop()})
	return err
}

// judge refuses what stanza would build, but what would lose a record, double it, or make another one of it at each try.
func judge(configs []Config) error {
	var errs []error
	for i, config := range configs {
		if config.Builder == nil {
			errs = append(errs, fmt.Errorf("%s: no operator", place(i, "")))
			continue
		}
		if err := judgeOne(config.Builder); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", place(i, config.Type()), err))
		}
	}
	return errors.Join(errs...)
}

// place names an operator of the user's list.
func place(i int, typ string) string { return fmt.Sprintf("operators[%d] (%s)", i, typ) }

func judgeOne(b operator.Builder) error {
	if err := CheckType(b.Type()); err != nil {
		return err
	}
	return errors.Join(judgeWays(b), judgeKind(b), judgeWords(b))
}

// judgeWays looks at the settings that types of operators have in common.
func judgeWays(b operator.Builder) error {
	for key, name := range map[string]string{"field": "Field", "parse_from": "ParseFrom"} {
		if field, ok := setting(b, name).(entry.Field); ok && field.FieldInterface == nil {
			return fmt.Errorf("%s: required", key)
		}
	}
	if ids, ok := setting(b, "OutputIDs").([]string); ok && len(ids) > 1 {
		return fmt.Errorf("output: %s: a record that goes two ways arrives twice", strings.Join(ids, ", "))
	}
	if way, ok := setting(b, "OnError").(string); ok && strings.HasPrefix(way, "drop") {
		return fmt.Errorf("on_error: %s would lose a record that the operator fails on; it goes on as it is with send or send_quiet, and a filter can drop it", way)
	}
	return nil
}

// judgeKind looks at the settings of one type.
func judgeKind(b operator.Builder) error {
	switch c := b.(type) {
	case *add.Config:
		if _, shared := c.Value.(map[string]any); shared {
			return errors.New("value: all records would share the map, and what a later operator changes in it; add its values one by one")
		}
	case *regex.Config:
		if c.Cache.Size > 0 {
			return errors.New("cache: records would share what is found, and what a later operator changes in it")
		}
	case *stanzafilter.Config:
		return judgeFilter(c)
	case *router.Config:
		return judgeRouter(c)
	}
	return nil
}

func judgeFilter(c *stanzafilter.Config) error {
	switch {
	case c.DropRatio != 1:
		return errors.New("drop_ratio: a record that is sent again must meet the same fate, and not another throw of the dice")
	case c.IfExpr != "":
		return errors.New("if: a filter has no other condition than expr")
	}
	return nil
}

func judgeRouter(c *router.Config) error {
	if len(c.Default) != 1 {
		return errors.New("default: exactly one operator is required, or what matches no route would be lost; a filter can drop it")
	}
	for i, route := range c.Routes {
		if len(route.OutputIDs) != 1 {
			return fmt.Errorf("routes[%d]: output: exactly one operator is required: a record that goes two ways arrives twice", i)
		}
	}
	return nil
}

// judgeWords looks for what is well-formed, and not what its author thinks.
func judgeWords(b operator.Builder) error {
	for text := range words(b) {
		for _, m := range mistakes {
			if m.pattern.MatchString(text) {
				return fmt.Errorf("%q: %s", text, m.reason)
			}
		}
	}
	return nil
}

package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	var out bytes.Buffer
	err := report(&out, []measure{
		{title: "fast", value: 24480.4, unit: "events/s"},
		{title: "small", value: 150, unit: "MiB", most: 150},
		{title: "prompt", value: 50.04, digits: 1, unit: "ms", most: 50},
	})
	if !errors.Is(err, errMissed) || !strings.Contains(err.Error(), "prompt") || strings.Contains(err.Error(), "small") {
		t.Error(err)
	}
	want := "measured unit goal fast 24480 events/s small 150 MiB 150 met prompt 50.0 ms 50 missed"
	if got := strings.Join(strings.Fields(out.String()), " "); got != want {
		t.Errorf("printed:\n%s", out.String())
	}
}

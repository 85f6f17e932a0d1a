package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// metrics is as much of OTLP's ExportMetricsServiceRequest, in JSON, as a line needs.
type metrics struct {
	ResourceMetrics []struct {
		ScopeMetrics []struct {
			Metrics []metric
		}
	}
}

type metric struct {
	Name       string
	Gauge, Sum struct{ DataPoints []dataPoint }
}

type dataPoint struct {
	TimeUnixNano string
	AsInt        string // OTLP writes 64-bit integers as strings
	AsDouble     float64
	Flags        int
	Attributes   []struct {
		Key   string
		Value value
	}
}

// noValue is the flag of a point that says that its series has ended.
const noValue = 1

func (d dataPoint) number() float64 {
	if d.AsInt == "" {
		return d.AsDouble
	}
	n, _ := strconv.ParseFloat(d.AsInt, 64)
	return n
}

func (d dataPoint) has(key, value string) bool {
	for _, a := range d.Attributes {
		if a.Key == key {
			return a.Value.StringValue == value
		}
	}
	return false
}

// summary is what a line says of a collection.
type summary struct {
	at                    time.Time
	objects, series, over int
	totals                map[string]float64 // by metric
	on                    float64            // virtual machines
}

func (m metrics) sum() summary {
	s := summary{totals: map[string]float64{}}
	for _, resource := range m.ResourceMetrics {
		s.objects++
		for _, scope := range resource.ScopeMetrics {
			for _, metric := range scope.Metrics {
				s.add(metric.Name, append(metric.Gauge.DataPoints, metric.Sum.DataPoints...))
			}
		}
	}
	return s
}

func (s *summary) add(name string, points []dataPoint) {
	for _, p := range points {
		s.at = record{TimeUnixNano: p.TimeUnixNano}.time()
		if p.Flags&noValue != 0 {
			s.over++
			continue
		}
		s.series++
		s.totals[name] += p.number()
		if name == "vcenter.datacenter.vm.count" && p.has("power_state", "on") {
			s.on += p.number()
		}
	}
}

func (s summary) String() string {
	said := []string{fmt.Sprintf("%d series of %d objects", s.series, s.objects)}
	if all := s.totals["vcenter.datacenter.vm.count"]; all > 0 {
		said = append(said, fmt.Sprintf("%.0f of %.0f virtual machines are on", s.on, all))
	}
	if all := s.totals["vcenter.host.cpu.capacity"]; all > 0 {
		said = append(said, fmt.Sprintf("hosts use %.1f of %.1f GHz", s.totals["vcenter.host.cpu.usage"]/1000, all/1000))
	}
	if s.over > 0 {
		said = append(said, fmt.Sprintf("%d series ended", s.over))
	}
	return strings.Join(said, "; ")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
)

// estates are the numbers of virtual machines of the inventories that are kept.
var estates = []int{1000, 5000, 10_000}

// keep runs the benchmark of an inventory: its client is that program, and the simulated vCenter one of its own.
func keep(ctx context.Context, dir, work string, estates []int) (results, error) {
	return inhabit(ctx, minute, dir, work, estates)
}

// inhabit runs a benchmark with inventories of some sizes, once each.
func inhabit(ctx context.Context, name, dir, work string, estates []int) (results, error) {
	simulator, err := filepath.Abs(filepath.Join(dir, "bin", vcenterProgram))
	if err != nil {
		return nil, err
	}
	var sizes []string
	for _, vms := range estates {
		sizes = append(sizes, strconv.Itoa(vms))
	}
	b := benchmark{pkg: "./internal/inventory", name: name, env: []string{"VCENTER_SIM=" + simulator}}
	r := results{}
	return r, b.run(ctx, dir, work, "/^("+strings.Join(sizes, "|")+")$", 1, r)
}

// minute is the benchmark. Its client of govmomi reads everything each minute; ours reads it once, and then what changes.
const minute = "BenchmarkMinute"

// phase is a part of a client's life.
type phase struct {
	client, name string
	title        string
	ratio        float64 // the goal: bytes and CPU are at most one part of so many of those of govmomi; 0: none
}

// exemplary is the inventory for whose phases there are goals.
const exemplary = 5000

var phases = []phase{
	{client: "govmomi", name: "full", title: "govmomi reads all, every minute"},
	{client: "ours", name: "first", title: "ours reads all, once"},
	{client: "ours", name: "quiet", title: "a minute in which nothing changes", ratio: 50},
	{client: "ours", name: "busy", title: "a minute in which 1 % of the VMs change", ratio: 10},
}

// spending is what a phase costs.
type spending struct{ requests, in, out, cpu, allocs, allocated float64 }

func (p phase) of(r results, vms int) (s spending, err error) { return p.spent(minute, r, vms) }

func (p phase) spent(in string, r results, vms int) (s spending, err error) {
	found := r[fmt.Sprintf("%s/%d/%s", in, vms, p.client)]
	for unit, to := range map[string]*float64{
		"requests": &s.requests, "B-in": &s.in, "B-out": &s.out, "cpu-ns": &s.cpu, "allocs": &s.allocs, "B-allocated": &s.allocated,
	} {
		values := found[p.name+"-"+unit]
		if len(values) == 0 {
			return s, fmt.Errorf("%s has no %s-%s of %s with %d VMs", in, p.name, unit, p.client, vms)
		}
		*to = quantile(values, 0.5)
	}
	return s, nil
}

func (s spending) bytes() float64 { return s.in + s.out }

// keeping prints what each inventory costs, and fails when that was not measured.
func keeping(out io.Writer, r results, estates []int) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\trequests\tKiB in\tKiB out\tCPU ms\tallocations\tMiB allocated\tof bytes\tof CPU\tgoal\t")
	var failed error
	for _, vms := range estates {
		fmt.Fprintf(w, "%d VMs\t\t\t\t\t\t\t\t\t\t\n", vms)
		full, err := phases[0].of(r, vms)
		failed = errors.Join(failed, err)
		for _, p := range phases {
			s, err := p.of(r, vms)
			if err != nil {
				failed = errors.Join(failed, err)
				continue
			}
			fmt.Fprintf(w, "%s\t%.0f\t%.1f\t%.1f\t%.1f\t%.0f\t%.1f\t%s\t\n", p.title,
				s.requests, s.in/1024, s.out/1024, s.cpu/1e6, s.allocs, s.allocated/(1<<20), p.judge(s, full, vms))
		}
	}
	return errors.Join(failed, w.Flush())
}

// judge are the last columns of a line.
func (p phase) judge(s, full spending, vms int) string {
	if p.client == "govmomi" {
		return "\t\t"
	}
	bytes, cpu, goal := full.bytes()/s.bytes(), full.cpu/s.cpu, ""
	if p.ratio > 0 && vms == exemplary {
		goal, _ = judged(fmt.Sprintf("1/%.0f", p.ratio), min(bytes, cpu) >= p.ratio)
	}
	return fmt.Sprintf("1/%.1f\t1/%.1f\t%s", bytes, cpu, goal)
}

// largest are the numbers of the largest inventory that have a goal.
func largest(r results, vms int) ([]measure, error) {
	ours := r[fmt.Sprintf("%s/%d/ours", minute, vms)]
	cache, state := ours["KiB/VM"], ours["KiB/VM-with-state"]
	first, err := phases[1].of(r, vms)
	if err != nil || len(cache) == 0 || len(state) == 0 {
		return nil, errors.Join(fmt.Errorf("%s has no memory with %d VMs", minute, vms), err)
	}
	of := fmt.Sprintf("%d VMs", vms)
	return []measure{
		{title: of + " in the cache", unit: "KiB/VM", value: quantile(cache, 0.5), digits: 1, most: 6},
		{title: "the same, with what is stored of them", unit: "KiB/VM", value: quantile(state, 0.5), digits: 1},
		{title: of + " are read for the first time", unit: "CPU s", value: first.cpu / 1e9, digits: 1, most: 5},
	}, nil
}

// Package e2e proves the promises of otelcol-vcenter from outside: the built collector between the built vcenter-sim and an
// OTLP back end that remembers all it was sent, each a process or a server of its own, with kills in between.
//
// A test drives a run and then has validators judge what was recorded: each promise is one small function over the run,
// which is tested itself. The binaries are those of `make build`; OTELCOL and VCENTER_SIM name others.
//
// There is nothing but tests here.
package e2e

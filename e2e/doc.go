// Package e2e proves the promises of otelcol-vcenter from outside: the built collector between the built vcenter-sim and an
// OTLP back end that remembers all it was sent, each a process or a server of its own, with kills in between.
//
// A test drives a run and then has the validators of package robustness judge what was recorded. TestSoak does so with random
// accidents: its flags are those of `make soak`, and what it prints when it fails plays them again. The binaries are those of `make build`; OTELCOL and VCENTER_SIM name others.
//
// There is nothing but tests here.
package e2e

// Package e2e proves the promises of otelcol-vcenter from outside: the built collector between the built vcenter-sim and an
// OTLP back end that remembers all it was sent, each a process or a server of its own, with kills in between.
//
// A test drives a run and then has the validators of package robustness judge what was recorded; changes of the inventory are
// held against the inventory itself. TestSoak does so with random accidents, and TestSoakOfChanges while an inventory changes:
// their flags are those of `make soak`, and the seed that they print plays them again. The binaries are those of `make build`;
// OTELCOL and VCENTER_SIM name others.
//
// There is nothing but tests here.
package e2e

// Package vcenterstreamreceiver is an OpenTelemetry Collector receiver that streams a VMware vCenter:
// every event of its history as a log record, in order, across restarts, bursts and refusals.
// The position in the history moves only when the pipeline has accepted what was read, and is kept
// in the collector's storage extension.
package vcenterstreamreceiver

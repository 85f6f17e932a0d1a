// Command console runs otelcol-vcenter and prints each event, and each change of the inventory, as one readable line, as it
// happens: `make demo` with a simulated vCenter, `make try` with the user's own.
//
// It is the back end of the collector that it starts: the logs pipeline's exporter is replaced by one that sends to it
// over loopback, without a queue. So a record counts as delivered when its line is printed, and what Ctrl-C cuts off
// comes with the next start. The collector's log is kept in a file or not at all; warnings and errors of it are printed
// among the records.
package main

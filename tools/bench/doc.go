// Command bench measures what the receiver costs and prints each number beside its goal; it fails when a goal is missed, but
// for those of inventories.
//
// First come the benchmarks that do the same work in two ways, ours and govmomi's, and their ratio. Both ways run in one
// process on the same data, seconds apart, so the ratio holds on a busy machine where the times do not.
//
// Then inventories of three sizes are read and kept, by us and by a client of govmomi that reads the same properties of the
// same objects every minute. Each is measured within its process; the simulated vCenter is a process of its own. A minute is
// played in less: the long polls in which nothing happens wait for a second in place of half a minute, two of them are one, and
// changes follow upon each other. Bytes are those of bodies.
//
// Last come the built programs: bin/otelcol-vcenter between bin/vcenter-sim and an OTLP back end in this process, over
// loopback. What the collector takes is told apart by the kernel's own count of its process (/proc, so this part needs
// Linux); what only a clock can tell shares the machine with the simulator.
package main

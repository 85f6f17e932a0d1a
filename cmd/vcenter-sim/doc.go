// Command vcenter-sim runs a simulated vCenter: an inventory (with -large, one of any size that changes), an event history
// that is read as a vCenter's is, and traffic that goes on by itself. It is what `make demo` reads from.
//
// It prints one line when it is ready, and ends on SIGINT or SIGTERM. With -state its memory survives: the events and the
// instanceUuid. With -control it can be played by scripts, and have accidents by a seed; with -faults,
// those of the network too: see package internal/simulator/control.
package main

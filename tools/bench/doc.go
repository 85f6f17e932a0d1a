// Command bench runs the benchmarks that do the same work in two ways, ours and govmomi's, and prints their ratio beside
// the goal. Both ways run in one process on the same data, minutes apart at most, so the ratio holds on a busy machine
// where the times do not. It fails when a goal is missed.
package main

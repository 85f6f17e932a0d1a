// Package fault is a proxy in front of a SOAP endpoint that plays the accidents of a network and of the boxes in it.
//
// It ends HTTP (and TLS, where it is given a certificate) itself, reads which method a request calls, forwards it to the
// target, and plays a Fault where a Rule says so: before the request was executed, after it, or within the answer, to the
// byte. Faults are made by functions, or by name for scripts: Named. A request that no rule matches passes unchanged, with
// the framing (Content-Length or chunked) that the target chose.
//
// A method is named by the first element in the SOAP body: "ReadNextEvents". A request without one is named by its verb and
// path: "GET /sdk/vimServiceVersions.xml".
//
// What is drawn by chance depends on nothing but Options.Seed, the rule's place, the method and the number of the request
// among those of its method: so a run with several connections draws the same as a run with one.
//
// Close ends everything at once: held answers, black holes and connections. All methods are safe for concurrent use.
package fault

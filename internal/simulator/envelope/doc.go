// Package envelope writes SOAP answers the way a vCenter writes them.
//
// govmomi's encoder, made for requests, names the attribute that tells an element's type "_XMLSchema-instance:type" and
// declares its prefix wherever it first needs it. A vCenter declares xsi once, in the Envelope. A reader that is fed only
// the former passes its tests by luck; so everything that leaves the simulator is written, or rewritten, here.
package envelope

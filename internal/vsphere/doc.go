// Package vsphere keeps one session with one vCenter.
//
// A Supervisor owns the session and is shared by everything that reads from this vCenter. Acquire returns the live
// Session; whoever used it tells by Report how a call failed, and asks again. A login is an event in vCenter's
// database and a session there that lives on for half an hour, so there is one only where it must be:
//
//	call failed with       what Report makes of it    what the next Acquire does
//	NotAuthenticated       the session is lost        logs in: a new Session, with a new serial
//	any other fault        nothing                    returns the Session
//	ManagedObjectNotFound  the session is in doubt    probes it with two cheap calls; logs in only where the probe
//	trouble on the way     the session is in doubt      says NotAuthenticated, or meets another vCenter
//
// Everything that was made in a session (collectors, views, filters) is gone with it. Serials tell sessions apart,
// so that the late error of a dead one does no harm.
//
// Calls go through the Session: typed ones through Client, raw ones, whose answer the caller reads with soapxml,
// through Call. Both have a deadline, carry an operationID that is found again in vpxd's log, count an answer only when
// it came whole, and fail with a *CallError whose cause the predicates (IsTransport, IsNotAuthenticated, …) tell.
// No error holds a password or a session cookie.
//
// Connections go through the proxy of the environment, and are secured as the files of TLS say at present: these are read
// again after a request that failed, so that certificates can be replaced while a session lives. What stands in the way of a
// session is told with the setting, file or variable that is probably wrong.
package vsphere

// Package receiver runs the streams of one vCenter. It is not the collector's package of that name: it is
// what the component's factory makes, imported as vcreceiver, and knows no YAML.
//
// A Receiver owns one session to its vCenter, one storage client, and a loop for each stream. The loop is
// generic and nested so that each level owns one kind of failure:
//
//	run      for ever, with jittered backoff: attempt
//	attempt  plan where to begin → open the source → drain
//	drain    next page (at most one read ahead) → fresh ones only → batches → deliver → mark → commit
//	deliver  build the payload anew for every try → Consume* → settled | try again, in part | dead letter
//
// Events are read from vCenter's history. Changes are found by comparison of the inventory, which an inventoryWatch keeps as vCenter
// pushes it, with what was delivered of it. The watch waits for no stream, and no stream waits for another.
//
// Metrics are no stream of the loop: each interval, scraping tells what the inventory is like, with what it polls beside it. What is
// refused of them is not sent again, and told.
package receiver

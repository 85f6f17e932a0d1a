// Package accident lets a simulated vCenter, and the network before it, have accidents: one that a script asks for, or
// one after another as a seed has it.
//
// An Accident is a kind with its parameters. Those that last are mended when their time is over, or when the context of
// the one who plays them is done: after Play everything is as it was, but for what an accident leaves behind (events,
// hidden ones too, keys, lost sessions).
//
// What a seed has is a pure function of the seed and the Options: the nth accident is drawn from nothing but the seed
// and n. No two are played at the same time. They leave room to make progress: each lasts at most Options.Longest, faults of single
// calls hit half of them, and what locks a reader out by its own prudence (a wrong password) is drawn only where Options.Only
// names it. The lost answer of a login leaves a session behind that its client cannot know of: fault.Proxy.Makings tells
// it from a mistake of the reader.
//
// A Source records what it plays, so that a run that fails can print it.
package accident

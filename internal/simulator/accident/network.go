package accident

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// ofNetwork are the accidents of what lies between a reader and its vCenter. Those named as a fault.Fault hit half of
// the calls.
var ofNetwork = []Kind{
	{Name: "cut", Weight: 6, Network: true, About: "answers end after n bytes of their body (negative: so many before the end), for so long", draw: cutAt, play: calls},
	{Name: "hold", Weight: 2, Network: true, About: "answers are held by so long, for so long", draw: held, play: calls},
	{Name: "hold-at", Weight: 2, Network: true, About: "answers are held by so long after n bytes, for so long", draw: heldAt, play: calls},
	{Name: "hold-request", Weight: 1, Network: true, About: "requests are held by so long before they are executed, for so long", draw: held, play: calls},
	{Name: "drip", Weight: 2, Network: true, About: "answers come in pieces of n bytes, by so long apart, for so long", draw: drip, play: calls},
	{Name: "reset-before", Weight: 2, Network: true, About: "connections are reset before a call is executed, for so long", draw: before, play: calls},
	{Name: "reset-after", Weight: 3, Network: true, About: "connections are reset when a call was executed, for so long", draw: after, play: calls},
	{Name: "lose", Weight: 3, Network: true, About: "a call is executed and its answer is lost, for so long", draw: after, play: calls},
	{Name: "black-hole", Weight: 2, Network: true, About: "calls are never executed or answered, for so long", draw: before, play: calls},
	{Name: "black-hole-after", Weight: 1, Network: true, About: "calls are executed and never answered, for so long", draw: after, play: calls},
	{Name: "duplicate", Weight: 1, Network: true, About: "calls are executed twice, for so long", draw: twice, play: calls},
	{Name: "status", Weight: 3, Network: true, About: "answers are the HTTP status n, for so long", draw: status, play: calls},
	{Name: "html", Weight: 1, Network: true, About: "answers are a page for human eyes, for so long", draw: before, play: calls},
	{Name: "empty", Weight: 1, Network: true, About: "answers are empty, for so long", draw: before, play: calls},
	{Name: "reset", Weight: 3, Network: true, About: "all connections are reset", draw: moment, play: reset},
	{Name: "reset-idle", Weight: 3, Network: true, About: "idle connections are reset", draw: moment, play: resetIdle},
	{Name: "refusing", Weight: 2, Network: true, About: "connections are reset and new ones refused, for so long", draw: lasting, play: listening(fault.Refusing)},
	{Name: "silent", Weight: 2, Network: true, About: "connections are reset, and nobody says a word on new ones, for so long", draw: lasting, play: listening(fault.Silent)},
	{Name: "certificate", Weight: 2, Network: true, TLS: true, About: "connections are reset, and the certificate is another one, for so long", draw: lasting, play: certificate},
}

// after draws a call that may be executed without an answer: mostly a read, and sometimes one of those around it. Some of these leave
// something behind which its client cannot know of: see fault.Making.
func after(r *rand.Rand, o Options, a *Accident) {
	lasting(r, o, a)
	a.Method = anyOf(r, "ReadNextEvents", "ReadNextEvents", "ReadNextEvents", "ReadNextEvents", "WaitForUpdatesEx", "RetrievePropertiesEx",
		"Login", "CreateCollectorForEvents", "DestroyCollector", "SetCollectorPageSize", "QueryEvents", "CurrentTime")
}

// twice draws a call that may be executed twice. A read of the history is none: of its two pages one has no answer, and no client can
// know that. Who wants to see it names the method.
func twice(r *rand.Rand, o Options, a *Accident) {
	for after(r, o, a); a.Method == "ReadNextEvents"; {
		after(r, o, a)
	}
}

// before draws a call that will not be executed: any.
func before(r *rand.Rand, o Options, a *Accident) {
	lasting(r, o, a)
	a.Method = anyOf(r, "ReadNextEvents", "WaitForUpdatesEx", "CreateCollectorForEvents", "Login", "", "")
}

func cutAt(r *rand.Rand, o Options, a *Accident) {
	after(r, o, a)
	a.N = anyNumber(r, -1, -200, 0, between(r, 1, 2000), between(r, 2000, 200_000))
}

func anyNumber(r *rand.Rand, numbers ...int) int { return numbers[r.IntN(len(numbers))] }

func held(r *rand.Rand, o Options, a *Accident) {
	after(r, o, a)
	a.By = spell(r, 10*time.Millisecond, o.Longest/2)
}

func heldAt(r *rand.Rand, o Options, a *Accident) {
	held(r, o, a)
	a.N = between(r, 0, 2000)
}

func drip(r *rand.Rand, o Options, a *Accident) {
	after(r, o, a)
	a.N, a.By = between(r, 500, 5000), spell(r, time.Millisecond, 50*time.Millisecond)
}

func status(r *rand.Rand, o Options, a *Accident) {
	before(r, o, a)
	a.N = anyNumber(r, 503, 502, 429)
}

// calls plays a fault of package fault on half of the calls. It spares logins after two: three in a row of which nobody hears the
// answer are a reason to wait for minutes, lest the account is locked.
func calls(_ context.Context, s *Stage, a Accident) (mend, error) {
	f, err := fault.Named(a.Kind, a.N, time.Duration(a.By))
	if err != nil {
		return nil, err
	}
	spared := fault.Rule{Method: "Login", Skip: 2}
	return then(s.proxy.Add(spared, fault.Rule{Method: a.Method, Probability: 0.5, Fault: f})), nil
}

func reset(_ context.Context, s *Stage, _ Accident) (mend, error) {
	s.proxy.Reset()
	return nil, nil
}

func resetIdle(_ context.Context, s *Stage, _ Accident) (mend, error) {
	s.proxy.ResetIdle()
	return nil, nil
}

func listening(mode fault.Listening) func(context.Context, *Stage, Accident) (mend, error) {
	return func(_ context.Context, s *Stage, a Accident) (mend, error) {
		err := s.proxy.Listen(mode)
		s.proxy.Reset()
		return func() error { return s.proxy.Listen(fault.Open) }, err
	}
}

func certificate(_ context.Context, s *Stage, a Accident) (mend, error) {
	other, err := fault.SelfSigned()
	if err != nil {
		return nil, err
	}
	s.proxy.SetCertificate(other)
	s.proxy.Reset()
	return then(func() {
		s.proxy.SetCertificate(*s.certificate)
		s.proxy.Reset()
	}), nil
}

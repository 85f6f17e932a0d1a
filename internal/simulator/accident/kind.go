package accident

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Kind describes a kind of accident.
type Kind struct {
	Name    string `json:"kind"`
	Weight  int    `json:"weight"`            // how often it is drawn; 0: only where Options.Only names it
	Network bool   `json:"network,omitempty"` // it needs the proxy
	TLS     bool   `json:"tls,omitempty"`     // and the proxy a certificate
	Once    bool   `json:"once,omitempty"`    // of all such kinds together one is drawn, unless there are no others
	About   string `json:"about"`

	draw func(*rand.Rand, Options, *Accident)
	play func(context.Context, *Stage, Accident) (mend, error)
}

// mend ends an accident that lasts. Where there is none, the accident is over at once.
type mend func() error

// then is a mend that can not fail.
func then(do func()) mend {
	return func() error {
		do()
		return nil
	}
}

// Kinds are all kinds of accidents.
func Kinds() []Kind { return slices.Concat(ofEvents, ofKeys, ofReading, ofSessions, ofNetwork) }

func find(name string) (Kind, error) {
	all := Kinds()
	i := slices.IndexFunc(all, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, fmt.Errorf("there is no accident %q", name)
	}
	return all[i], nil
}

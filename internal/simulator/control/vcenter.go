package control

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/accident"
)

// killSessions kills at once, or the one session that makes a call, in the middle of it.
func (c *Control) killSessions(r *http.Request) (any, error) {
	if method := r.URL.Query().Get("during"); method != "" {
		c.sim.KillSessionDuring(method)
		return did{"during": method}, nil
	}
	return did{"killed": c.sim.KillSessions()}, nil
}

// parseSpell reads a time that is not negative.
func parseSpell(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = errNegative
	}
	return d, err
}

var errNegative = errors.New("it is negative")

func (c *Control) idleTimeout(r *http.Request) (any, error) {
	after, err := parameter(r, "after", parseSpell)
	if err != nil {
		return nil, err
	}
	c.sim.SetIdleTimeout(after)
	return did{"idleTimeout": after.String()}, nil
}

// password does not repeat it.
func (c *Control) password(r *http.Request) (any, error) {
	is := r.URL.Query().Get("is")
	c.sim.SetPassword(is)
	return did{"original": is == ""}, nil
}

func (c *Control) restart(r *http.Request) (any, error) {
	outage, err := optional(r, "outage", parseSpell)
	if err != nil {
		return nil, err
	}
	_, err = c.play(r.Context(), accident.Accident{Kind: "restart", For: accident.Duration(outage)})
	return did{"restarted": true, "outage": outage.String()}, err
}

// doorbell turns pushes on or off, or makes them slow.
func (c *Control) doorbell(r *http.Request) (any, error) {
	if r.URL.Query().Has("coalesce") {
		coalesce, err := parameter(r, "coalesce", parseSpell)
		if err != nil {
			return nil, err
		}
		c.sim.SetCoalesce(coalesce)
		return did{"coalesce": coalesce.String()}, nil
	}
	on, err := parameter(r, "on", strconv.ParseBool)
	if err != nil {
		return nil, err
	}
	c.sim.SetDoorbell(on)
	return did{"doorbell": on}, nil
}

func (c *Control) clock(r *http.Request) (any, error) {
	offset, err := parameter(r, "offset", time.ParseDuration)
	if err != nil {
		return nil, err
	}
	c.sim.SetClockOffset(offset)
	return did{"now": c.sim.Now().UTC()}, nil
}

func (c *Control) instance(r *http.Request) (any, error) {
	id := r.URL.Query().Get("uuid")
	if id == "" {
		id = uuid.NewString()
	}
	c.sim.SetInstanceUUID(id)
	return did{"instanceUuid": id}, nil
}

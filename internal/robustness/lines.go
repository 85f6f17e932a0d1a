package robustness

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// line is one line of a kept run: one of its members is there.
type line struct {
	Settings  *Settings  `json:"settings,omitempty"`
	Event     *Event     `json:"event,omitempty"`
	Attempt   *Attempt   `json:"attempt,omitempty"`
	Life      *Life      `json:"life,omitempty"`
	Census    *Census    `json:"census,omitempty"`
	Opening   *Opening   `json:"opening,omitempty"`
	Making    *Making    `json:"making,omitempty"`
	Rejection *Rejection `json:"rejection,omitempty"`
	Accident  *Accident  `json:"accident,omitempty"`
}

// Write writes a run as JSON lines.
func (r Run) Write(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	out := json.NewEncoder(buffered)
	lines := []line{{Settings: &r.Settings}}
	lines = lay(lines, r.Accidents, func(a *Accident) line { return line{Accident: a} })
	lines = lay(lines, r.Lives, func(l *Life) line { return line{Life: l} })
	lines = lay(lines, r.Censuses, func(c *Census) line { return line{Census: c} })
	lines = lay(lines, r.Openings, func(o *Opening) line { return line{Opening: o} })
	lines = lay(lines, r.Makings, func(m *Making) line { return line{Making: m} })
	lines = lay(lines, r.Rejections, func(j *Rejection) line { return line{Rejection: j} })
	lines = lay(lines, r.Events, func(e *Event) line { return line{Event: e} })
	lines = lay(lines, r.Attempts, func(a *Attempt) line { return line{Attempt: a} })
	for _, l := range lines {
		if err := out.Encode(l); err != nil {
			return fmt.Errorf("write a run: %w", err)
		}
	}
	return buffered.Flush()
}

// lay puts each entry of a list on a line.
func lay[E any](lines []line, list []E, of func(*E) line) []line {
	for i := range list {
		lines = append(lines, of(&list[i]))
	}
	return lines
}

// Read reads what Write has written.
func Read(r io.Reader) (run Run, err error) {
	in := json.NewDecoder(bufio.NewReader(r))
	in.DisallowUnknownFields() // what is not understood cannot be judged
	for {
		var l line
		if err := in.Decode(&l); errors.Is(err, io.EOF) {
			return run, nil
		} else if err != nil {
			return run, fmt.Errorf("read a run: %w", err)
		}
		run.put(l)
	}
}

func (r *Run) put(l line) {
	if l.Settings != nil {
		r.Settings = *l.Settings
	}
	r.Accidents = add(r.Accidents, l.Accident)
	r.Lives = add(r.Lives, l.Life)
	r.Censuses = add(r.Censuses, l.Census)
	r.Openings = add(r.Openings, l.Opening)
	r.Makings = add(r.Makings, l.Making)
	r.Rejections = add(r.Rejections, l.Rejection)
	r.Events = add(r.Events, l.Event)
	r.Attempts = add(r.Attempts, l.Attempt)
}

func add[E any](list []E, e *E) []E {
	if e == nil {
		return list
	}
	return append(list, *e)
}

// Keep writes a run to a file.
func (r Run) Keep(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("keep a run: %w", err)
	}
	return errors.Join(r.Write(f), f.Close())
}

// Load reads the file of a run that was kept.
func Load(path string) (Run, error) {
	f, err := os.Open(path)
	if err != nil {
		return Run{}, fmt.Errorf("load a run: %w", err)
	}
	defer f.Close()
	return Read(f)
}

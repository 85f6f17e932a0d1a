package state

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// head is the first line.
type head struct {
	InstanceUUID string `json:"instanceUuid"`
}

// line is an event.
type line struct {
	Class     string       `json:"class"`
	XML       string       `json:"xml,omitempty"`
	Malformed *types.Event `json:"malformed,omitempty"` // in place of XML that cannot be read again
	Hidden    bool         `json:"hidden,omitempty"`
}

func newLine(e *journal.Entry) line {
	l := line{Class: e.Class(), Hidden: e.Hidden()}
	if raw, ok := e.Event.(*journal.Raw); ok && raw.Malformed {
		l.Malformed = &raw.Event
	} else {
		l.XML = string(e.XML())
	}
	return l
}

func (l line) event() (types.BaseEvent, error) {
	if l.Malformed != nil {
		return l.shown(journal.NewMalformed(l.Class, *l.Malformed)), nil
	}
	e, err := journal.Decode(l.Class, l.XML)
	if err != nil {
		return nil, err
	}
	return l.shown(e), nil
}

func (l line) shown(e types.BaseEvent) types.BaseEvent {
	if l.Hidden {
		return journal.Hidden{BaseEvent: e}
	}
	return e
}

// Saved is what a file holds.
type Saved struct {
	InstanceUUID string
	Events       []types.BaseEvent
}

// Load reads a file; one that does not exist holds nothing.
func Load(path string) (Saved, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return Saved{}, nil
	}
	if err != nil {
		return Saved{}, fmt.Errorf("load state: %w", err)
	}
	defer f.Close()
	saved, err := read(f)
	if err != nil {
		return Saved{}, fmt.Errorf("load state of %s: %w", path, err)
	}
	return saved, nil
}

func read(r io.Reader) (saved Saved, err error) {
	in := json.NewDecoder(bufio.NewReader(r))
	var h head
	if err := in.Decode(&h); err != nil {
		return saved, ended(err)
	}
	saved.InstanceUUID = h.InstanceUUID
	for {
		var l line
		if err := in.Decode(&l); err != nil {
			return saved, ended(err)
		}
		e, err := l.event()
		if err != nil {
			return saved, err
		}
		saved.Events = append(saved.Events, e)
	}
}

// ended forgives the end of the file, wherever it comes.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// File is a journal's file. It is for one goroutine at a time.
type File struct {
	path    string
	uuid    func() string
	journal *journal.Journal
	saved   uint64 // the event written last
}

// Create writes the whole journal, in place of what the file holds.
func Create(path string, instanceUUID func() string, j *journal.Journal) (*File, error) {
	f := &File{path: path, uuid: instanceUUID, journal: j}
	return f, f.Rewrite()
}

// Rewrite writes the whole journal anew: without what was pruned.
func (f *File) Rewrite() error {
	temporary, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*")
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	defer os.Remove(temporary.Name()) // gone already, where all went well
	f.saved = 0
	first, err := json.Marshal(head{f.uuid()})
	if err == nil {
		_, err = temporary.Write(append(first, '\n'))
	}
	if err = errors.Join(err, f.write(temporary), temporary.Close()); err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	if err := os.Rename(temporary.Name(), f.path); err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	return nil
}

// Save adds the events that came since.
func (f *File) Save() error {
	if last := f.journal.Last(); last == nil || last.Seq() == f.saved {
		return nil
	}
	out, err := os.OpenFile(f.path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	if err := errors.Join(f.write(out), out.Close()); err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	return nil
}

// write writes the events that were not written yet.
func (f *File) write(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	for _, e := range f.journal.Entries() {
		if e.Seq() <= f.saved {
			continue
		}
		if err := lines.Encode(newLine(e)); err != nil {
			return err
		}
		f.saved = e.Seq()
	}
	return buffered.Flush()
}

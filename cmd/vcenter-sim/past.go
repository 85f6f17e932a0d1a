package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// past is a file with all that was played in a large inventory, a line each: played again, it makes the same inventory.
type past struct{ *os.File }

// remember gives an inventory its past, and keeps what is played from now on. Without -state there is none.
func remember(o *options) (past, error) {
	if o.state == "" || !o.large {
		return past{}, nil
	}
	path := o.state + ".played"
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return past{}, fmt.Errorf("open the past of the inventory: %w", err)
	}
	p := past{file}
	if o.settings.Inventory.Past, err = p.load(); err != nil {
		return past{}, errors.Join(fmt.Errorf("read the past of the inventory in %s: %w", path, err), file.Close())
	}
	o.settings.Inventory.Record = p.record
	return p, nil
}

// load reads what was played, and cuts off what a kill has left of a line.
func (p past) load() (all []property.Played, err error) {
	in, whole := bufio.NewReader(p), int64(0)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			_, err = p.Seek(whole, io.SeekStart)
			return all, errors.Join(err, p.Truncate(whole))
		}
		if err != nil {
			return nil, err
		}
		var played property.Played
		if err := json.Unmarshal(line, &played); err != nil {
			return nil, err
		}
		all, whole = append(all, played), whole+int64(len(line))
	}
}

// record takes what is played. What cannot be kept is forgotten, as events are.
func (p past) record(played property.Played) {
	line, _ := json.Marshal(played) // a text, a number and a time
	if _, err := p.Write(append(line, '\n')); err != nil {
		fmt.Fprintln(os.Stderr, "vcenter-sim: keep what was played:", err)
	}
}

func (p past) close() error {
	if p.File == nil {
		return nil
	}
	return p.Close()
}

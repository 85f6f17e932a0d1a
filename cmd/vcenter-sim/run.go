package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/control"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/state"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// run runs a vCenter until the context is done.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	log.SetOutput(io.Discard) // vcsim's own log, of calls that it does not know
	saved, err := load(o.state)
	if err != nil {
		return err
	}
	o.settings.Password = o.password()
	o.settings.InstanceUUID = or(o.settings.InstanceUUID, saved.InstanceUUID)
	played, err := remember(&o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, played.close()) }()
	sim, err := open(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sim.Close()) }()
	sim.Append(saved.Events...)
	producer := sim.Traffic(o.seed + uint64(len(saved.Events))) // not the same events as before
	if len(saved.Events) == 0 {
		producer.History(o.history, sim.Now().Add(-o.span), sim.Now())
	}
	if err := writeCA(o.caFile, sim.ca); err != nil {
		return err
	}
	producer.SetRate(o.rate)
	return serve(ctx, o, sim, producer, out)
}

func load(path string) (state.Saved, error) {
	if path == "" {
		return state.Saved{}, nil
	}
	return state.Load(path)
}

func writeCA(path string, pem []byte) error {
	if path == "" || pem == nil {
		return nil
	}
	if err := os.WriteFile(path, pem, 0o644); err != nil {
		return fmt.Errorf("write the certificate: %w", err)
	}
	return nil
}

// serve runs what goes on by itself, beside the vCenter that listens already.
func serve(ctx context.Context, o options, sim front, producer *traffic.Producer, out io.Writer) error {
	controlled, err := listen(o.control)
	if err != nil {
		return err
	}
	saver, err := newSaver(o, sim.Simulator)
	if err != nil {
		return errors.Join(err, controlled.close())
	}
	panel := control.New(control.Settings{Simulator: sim.Simulator, Traffic: producer, Proxy: sim.proxy})
	defer panel.Close()
	var running sync.WaitGroup
	running.Go(func() { producer.Run(ctx) })
	running.Go(func() { saver.run(ctx) })
	if large := sim.Large(); large != nil {
		large.SetRate(o.changes)
		running.Go(func() { large.Run(ctx) })
	}
	if controlled.Listener != nil {
		running.Go(func() { controlled.serve(panel) })
	}
	fmt.Fprintf(out, "vcenter-sim ready on %s user %s instance %s%s\n",
		sim.url(), o.settings.Username, sim.InstanceUUID(), controlled.describe())
	<-ctx.Done()
	err = controlled.close()
	running.Wait()
	return errors.Join(err, saver.last())
}

// controlListener is where scripts come in; without an address, nowhere.
type controlListener struct {
	net.Listener
	server *http.Server
}

func listen(address string) (controlListener, error) {
	if address == "" {
		return controlListener{}, nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return controlListener{}, fmt.Errorf("listen for control: %w", err)
	}
	return controlListener{l, &http.Server{ReadHeaderTimeout: 10 * time.Second}}, nil
}

func (l controlListener) serve(h http.Handler) {
	l.server.Handler = h
	_ = l.server.Serve(l.Listener) // until close
}

func (l controlListener) describe() string {
	if l.Listener == nil {
		return ""
	}
	return " control http://" + l.Addr().String()
}

func (l controlListener) close() error {
	if l.Listener == nil {
		return nil
	}
	return errors.Join(l.server.Close(), ignoreClosed(l.Listener.Close()))
}

// ignoreClosed: a server that had begun to serve closed its listener itself.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

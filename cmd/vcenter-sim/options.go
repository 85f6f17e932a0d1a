package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// options are what the command line says.
type options struct {
	settings simulator.Settings
	caFile   string
	rate     float64
	seed     uint64
	history  int
	span     time.Duration
	state    string
	keep     int
	control  string
	faults   bool
	large    bool
	changes  float64
}

const (
	userVariable     = "VCENTER_SIM_USER"
	passwordVariable = "VCENTER_SIM_PASSWORD"
)

func parse(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("vcenter-sim", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, "vcenter-sim runs a simulated vCenter with an event history and traffic of its own.\n\n"+
			"Usage: vcenter-sim [flags]\n\n")
		flags.PrintDefaults()
	}
	o.serverFlags(flags)
	o.inventoryFlags(flags)
	o.limitFlags(flags)
	order := flags.String("order", "insertion", "`order` in which event collectors read: insertion or creation")
	flags.Float64Var(&o.rate, "rate", 5, "`events` a second")
	flags.Uint64Var(&o.seed, "seed", 1, "`seed` of the traffic: the same seed, the same events")
	flags.IntVar(&o.history, "history", 0, "fill an empty history with this `number` of events before the start")
	flags.DurationVar(&o.span, "history-span", time.Hour, "`time` over which -history is spread")
	flags.StringVar(&o.state, "state", "", "`file` to keep events and instanceUuid in, and beside it what happened in a large inventory; read at the start")
	flags.IntVar(&o.keep, "keep", 200_000, "most `events` to keep; older ones are dropped")
	flags.StringVar(&o.control, "control", "", "`address` to be controlled at over HTTP: GET /stats, POST /burst?n=1000, …")
	flags.BoolVar(&o.faults, "faults", false, "put a fault proxy before the vCenter: the network has accidents too, by -control")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.large {
		o.settings.Inventory = o.inventory(flags)
	} else if o.changes > 0 {
		return o, errNotLarge
	}
	var err error
	o.settings.Order, err = journal.ParseOrder(*order)
	return o, err
}

func (o *options) serverFlags(flags *flag.FlagSet) {
	s := &o.settings
	flags.StringVar(&s.Listen, "listen", "127.0.0.1:8989", "`address` to listen at")
	flags.BoolVar(&s.TLS, "tls", false, "serve https, with a certificate made at the start")
	flags.Func("tls-name", "further host `name` or address for that certificate; may be repeated", func(name string) error {
		s.Names = append(s.Names, name)
		return nil
	})
	flags.StringVar(&o.caFile, "ca-file", "", "`file` to write that certificate to, in PEM, for clients to trust")
	flags.StringVar(&s.Username, "user", or(os.Getenv(userVariable), "user"), "the one account's `name`; also $"+userVariable)
	flags.StringVar(&s.Password, "password", "", "its `password`; also $"+passwordVariable+" (default \"pass\")")
	flags.StringVar(&s.InstanceUUID, "instance-uuid", "", "about.instanceUuid (default that of -state, or a random `uuid`)")
	flags.StringVar(&s.Version, "vcenter-version", "8.0.3", "product `version` to be; from 9.0.0 on, history can be read by key")
	flags.BoolVar(&s.HostAgent, "esx", false, "be a stand-alone ESXi host, and no vCenter")
}

func (o *options) inventoryFlags(flags *flag.FlagSet) {
	size := &o.settings.Size
	flags.IntVar(&size.Datacenters, "datacenters", 1, "`number` of datacenters")
	flags.IntVar(&size.Clusters, "clusters", 2, "`number` of clusters in each datacenter")
	flags.IntVar(&size.Hosts, "hosts", 3, "`number` of hosts in each cluster")
	flags.IntVar(&size.VMs, "vms", 20, "`number` of virtual machines in each cluster")
	flags.IntVar(&size.Datastores, "datastores", 2, "`number` of datastores")
	flags.BoolVar(&o.large, "large", false, "have an inventory that can be large, and changes by -control: -clusters, -hosts, -vms\n"+
		"and -datastores are in all then, and suit -vms where they are not given")
	flags.Float64Var(&o.changes, "changes", 0, "`number` of changes of the large inventory a second")
}

var errNotLarge = errors.New("-changes needs -large: the small inventory does not change")

// inventory is the large one: of the size that was given, and not of that of the small one.
func (o *options) inventory(flags *flag.FlagSet) property.Settings {
	size := property.Settings{VMs: o.settings.Size.VMs, Seed: o.seed}
	flags.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "clusters":
			size.Clusters = o.settings.Size.Clusters
		case "hosts":
			size.Hosts = o.settings.Size.Hosts
		case "datastores":
			size.Datastores = o.settings.Size.Datastores
		}
	})
	return size
}

func (o *options) limitFlags(flags *flag.FlagSet) {
	s := &o.settings
	flags.DurationVar(&s.MaxAge, "max-age", 0, "`time` after which events vanish (default never)")
	flags.DurationVar(&s.IdleTimeout, "idle-timeout", 0, "`time` after which a session without a call ends (default never)")
	flags.IntVar(&s.MaxCollectors, "max-collectors", 32, "`number` of event collectors that a session may have")
	flags.DurationVar(&s.Coalesce, "coalesce", 20*time.Millisecond, "`time` in which changes gather before they are pushed")
}

// password is not a flag's default: -help would print it.
func (o *options) password() string {
	return or(o.settings.Password, or(os.Getenv(passwordVariable), "pass"))
}

func or(value, otherwise string) string {
	if value != "" {
		return value
	}
	return otherwise
}

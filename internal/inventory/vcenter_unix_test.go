//go:build unix

package inventory

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// vcenter is a simulated vCenter with a large inventory in which nothing happens by itself.
type vcenter struct {
	vms  int
	url  *url.URL
	play func(script string) error // for one virtual machine
}

// smallVCenter is in this process.
func smallVCenter(t *testing.T, vms int) *vcenter {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{Inventory: property.Settings{VMs: vms}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	return &vcenter{vms: vms, url: sim.URL(), play: func(script string) error {
		_, err := sim.Large().Play(script, 1)
		return err
	}}
}

// simulatorVariable names the built vcenter-sim.
const simulatorVariable = "VCENTER_SIM"

// ready is what vcenter-sim prints when it listens.
var ready = regexp.MustCompile(`ready on (\S+) user \S+ instance \S+ control (\S+)`)

// launch starts one as a process of its own, so that what this one uses is the client's.
func launch(b *testing.B, vms int) *vcenter {
	b.Helper()
	program := os.Getenv(simulatorVariable)
	if program == "" {
		b.Fatalf("%s is not set: it is the path of the built vcenter-sim", simulatorVariable)
	}
	cmd := exec.CommandContext(b.Context(), program, "-listen", "127.0.0.1:0", "-control", "127.0.0.1:0",
		"-rate", "0", "-large", "-vms", strconv.Itoa(vms))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	said, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { _ = cmd.Wait() }) // by now the benchmark's context has told it to end
	lines := bufio.NewScanner(said)
	require.True(b, lines.Scan(), "vcenter-sim has ended")
	addresses := ready.FindStringSubmatch(lines.Text())
	require.NotNil(b, addresses, lines.Text())
	endpoint, err := url.Parse(addresses[1])
	require.NoError(b, err)
	return &vcenter{vms: vms, url: endpoint, play: func(script string) error { return post(b.Context(), addresses[2]+"/"+script+"?vms=1") }}
}

func post(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("POST %s: %s", address, res.Status)
	}
	return nil
}

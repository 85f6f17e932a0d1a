//go:build unix

package translate

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// BenchmarkBatch is a page of 1,000 typical events on its way into batches of 512 KiB.
func BenchmarkBatch(b *testing.B) {
	const size = 1000
	events, err := event.Decode(eventtest.Answer(size, 1))
	require.NoError(b, err)
	eventtest.Measure(b, size, func() error {
		for rest := events; len(rest) > 0; {
			_, taken := Batch(testSource, testCatalog, Context{}, rest, 512<<10)
			rest = rest[taken.Events:]
		}
		return nil
	})
}

// BenchmarkBatchInContext is the same page, with what an inventory knows of its 5,000 virtual machines and 64 hosts.
func BenchmarkBatchInContext(b *testing.B) {
	const size = 1000
	events, err := event.Decode(eventtest.Answer(size, 1))
	require.NoError(b, err)
	in := typicalContext(b)
	eventtest.Measure(b, size, func() error {
		for rest := events; len(rest) > 0; {
			_, taken := Batch(testSource, testCatalog, in, rest, 512<<10)
			if taken.Bare > 0 {
				return fmt.Errorf("%d events of which nothing is known", taken.Bare)
			}
			rest = rest[taken.Events:]
		}
		return nil
	})
}

// typicalContext is the inventory of the vCenter of typical events: each virtual machine four folders deep, with three custom
// attributes and two tags.
func typicalContext(b *testing.B) Context {
	var answer bytes.Buffer
	answer.WriteString("<Envelope><Body><WaitForUpdatesExResponse><returnval><version>1</version><filterSet>")
	enter := func(class, moref, name, parent, more string) {
		fmt.Fprintf(&answer, `<objectSet><kind>enter</kind><obj type=%q>%s</obj><changeSet><name>name</name><val>%s</val></changeSet><changeSet><name>parent</name><val>%s</val></changeSet>%s</objectSet>`,
			class, moref, name, parent, more)
	}
	enter("Folder", "group-d1", "Datacenters", "", "")
	enter("Datacenter", "datacenter-3", "Frankfurt-01", "group-d1", "")
	for i, name := range []string{"vm", "customers", "shop", "web"} {
		enter("Folder", fmt.Sprintf("group-v%d", i), name, [...]string{"datacenter-3", "group-v0", "group-v1", "group-v2"}[i], "")
	}
	for i := range 8 {
		enter("ClusterComputeResource", fmt.Sprintf("domain-c%d", 1000+i), fmt.Sprintf("prod-cluster-%02d", i), "datacenter-3", "")
	}
	for i := range 64 {
		enter("HostSystem", fmt.Sprintf("host-%d", 2000+i), fmt.Sprintf("esx-%03d.prod.example.com", i), fmt.Sprintf("domain-c%d", 1000+i%8), "")
	}
	tags := tagged{}
	for i := range 5000 {
		moref := fmt.Sprintf("vm-%d", 10000+i)
		enter("VirtualMachine", moref, fmt.Sprintf("web-%04d", i), "group-v3", fmt.Sprintf(
			`<changeSet><name>runtime.host</name><val>host-%d</val></changeSet><changeSet><name>config.instanceUuid</name><val>5006f0a2-1c1d-4b8a-9d3e-%012d</val></changeSet>`+
				`<changeSet><name>customValue</name><val xsi:type="ArrayOfCustomFieldValue"><CustomFieldValue><key>101</key><value>finance</value></CustomFieldValue><CustomFieldValue><key>102</key><value>4711</value></CustomFieldValue><CustomFieldValue><key>103</key><value>2026-11-01</value></CustomFieldValue></val></changeSet>`,
			2000+i%64, i))
		tags[moref] = []string{"env:prod", "team:shop"}
	}
	answer.WriteString("</filterSet></returnval></WaitForUpdatesExResponse></Body></Envelope>")
	return Context{Inventory: newEstate(b, answer.Bytes()).context(), Tags: tags}
}

// BenchmarkChangeBatch is 1,000 virtual machines that are switched off, on their way into batches of 512 KiB.
func BenchmarkChangeBatch(b *testing.B) {
	const size = 1000
	changes := manyChanges(size)
	for i := range changes {
		changes[i].Type, changes[i].Property, changes[i].Old, changes[i].New = inventory.Changed, "runtime.powerState", "poweredOn", "poweredOff"
	}
	eventtest.Measure(b, size, func() error {
		for rest := changes; len(rest) > 0; {
			_, n := ChangeBatch(testSource, setAt(1, OriginLive), rest, 512<<10)
			rest = rest[n:]
		}
		return nil
	})
}

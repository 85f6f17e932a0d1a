package inventory

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// retrievedAnswer is a whole answer of RetrievePropertiesEx.
func retrievedAnswer(token string, objects ...string) []byte {
	if token != "" {
		token = "<token>" + token + "</token>"
	}
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Body><RetrievePropertiesExResponse xmlns="urn:vim25"><returnval>` + token + strings.Join(objects, "") +
		`</returnval></RetrievePropertiesExResponse></soapenv:Body></soapenv:Envelope>`)
}

// told is what is told of one object.
func told(class, moref string, properties ...string) string {
	return fmt.Sprintf(`<objects><obj type="%s">%s</obj>%s</objects>`, class, moref, strings.Join(properties, ""))
}

func propSet(path, class, content string) string {
	return fmt.Sprintf(`<propSet><name>%s</name><val xsi:type="%s">%s</val></propSet>`, path, class, content)
}

// busy is a virtual machine with all numbers that a vCenter tells.
func busy(moref string, n int) string {
	quick := strings.Builder{}
	for k, name := range strings.Fields(`overallCpuUsage overallCpuDemand overallCpuReadiness guestMemoryUsage hostMemoryUsage
		distributedCpuEntitlement distributedMemoryEntitlement staticCpuEntitlement staticMemoryEntitlement grantedMemory privateMemory
		sharedMemory swappedMemory balloonedMemory consumedOverheadMemory ftLogBandwidth ftSecondaryLatency compressedMemory uptimeSeconds
		ssdSwappedMemory activeMemory`) {
		fmt.Fprintf(&quick, "<%s>%d</%s>", name, n*k%4096, name)
	}
	return told("VirtualMachine", moref,
		propSet(overallStatus, "ManagedEntityStatus", "green"), propSet("runtime.maxCpuUsage", "xsd:int", "5200"),
		propSet("summary.quickStats", "VirtualMachineQuickStats", quick.String()+"<guestHeartbeatStatus>green</guestHeartbeatStatus>"),
		propSet("summary.storage", "VirtualMachineStorageSummary", fmt.Sprintf(
			"<committed>%d</committed><uncommitted>0</uncommitted><unshared>4096</unshared><timestamp>2026-03-01T10:00:00.123Z</timestamp>", n<<20)))
}

// statsOf is what an answer tells of virtual machines, vm-1 and vm-2 of which are there.
func statsOf(t testing.TB, body []byte) (map[string]*VMStats, map[string]Status, error) {
	t.Helper()
	now := SnapshotOf("uuid", "group-d1", []Told{
		{"VirtualMachine", "vm-1", "connected"}, {"VirtualMachine", "vm-2", "connected"}, {"VirtualMachine", "vm-3", "inaccessible"},
	})
	r, err := decodeRetrieved(body)
	a := inquiry[VMStats]{question: machineQuestion(Wanted{VMQuickStats: true, VMStorage: true, VMMaxCPU: true, VMStatus: true}), now: now}
	a.all, a.status = map[string]*VMStats{}, map[string]Status{}
	r.each(a.take)
	return a.all, a.status, err
}

func TestANumberThatIsZeroIsKnown(t *testing.T) {
	quick := propSet("summary.quickStats", "VirtualMachineQuickStats",
		"<overallCpuUsage>0</overallCpuUsage><balloonedMemory>many</balloonedMemory><guestHeartbeatStatus>purple</guestHeartbeatStatus><brandNew><a>1</a></brandNew>")
	stats, _, err := statsOf(t, retrievedAnswer("", told("VirtualMachine", "vm-1", quick)))
	require.NoError(t, err)
	assert.Equal(t, map[string]*VMStats{"vm-1": {Quick: &VMQuickStats{CPUUsage: NumberOf(0)}}}, stats, "what is left out, or no number, is not 0")
}

func TestAStrangeObjectCostsItselfOnly(t *testing.T) {
	denied := `<missingSet><path>summary.storage</path><fault><fault xsi:type="NoPermission"><privilegeId>System.Read</privilegeId></fault><localizedMessage>x</localizedMessage></fault></missingSet>`
	whole := told("VirtualMachine", "vm-2", propSet(overallStatus, "ManagedEntityStatus", "red"),
		propSet("summary.storage", "VirtualMachineStorageSummary", "<committed>1</committed><uncommitted>2</uncommitted><unshared>3</unshared>"))
	for name, strange := range map[string]string{
		"partial":       told("VirtualMachine", "vm-1", denied),
		"nothing":       told("VirtualMachine", "vm-1"),
		"nameless":      "<objects/>",
		"valueless":     told("VirtualMachine", "vm-1", "<propSet><name>summary.quickStats</name></propSet>", "<propSet/>"),
		"unknown":       told("VirtualMachine", "vm-9", propSet("runtime.maxCpuUsage", "xsd:int", "1")),
		"inaccessible":  told("VirtualMachine", "vm-3", propSet("runtime.maxCpuUsage", "xsd:int", "1")),
		"not asked for": told("VirtualMachine", "vm-1", denied) + told("Teapot", "pot-1", propSet("colour", "xsd:string", "red")),
	} {
		stats, status, err := statsOf(t, retrievedAnswer("", strange, whole))
		require.NoError(t, err, name)
		assert.Equal(t, map[string]*VMStats{"vm-2": {Storage: &VMStorage{1, 2, 3}}}, stats, name)
		assert.Equal(t, Red, status["vm-2"], name)
	}
}

func TestAnAnswerIsReadWholeOrNotAtAll(t *testing.T) {
	whole := retrievedAnswer("7", told("VirtualMachine", "vm-1", propSet("runtime.maxCpuUsage", "xsd:int", "1")))
	r, err := decodeRetrieved(whole)
	require.NoError(t, err)
	assert.Equal(t, "7", r.token)
	for n := range len(whole) {
		stats, _, err := statsOf(t, whole[:n])
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%d bytes of it", n)
		require.Empty(t, stats)
	}
	_, err = decodeRetrieved(answer("1", false))
	require.ErrorIs(t, err, errNoObjects)
	r, err = decodeRetrieved([]byte(`<Envelope><Body><RetrievePropertiesExResponse/></Body></Envelope>`))
	require.NoError(t, err)
	r.each(func(string, soapxml.Elements) { t.Error("there is no object") })
}

func TestAnAnswerWithoutASessionIsAnError(t *testing.T) {
	lost := `<missingSet><path>summary.quickStats</path><fault><fault xsi:type="NotAuthenticated"><object type="Folder">group-d1</object><privilegeId>System.View</privilegeId></fault><localizedMessage>x</localizedMessage></fault></missingSet>`
	stats, _, err := statsOf(t, retrievedAnswer("", told("VirtualMachine", "vm-1", lost)))
	assert.True(t, vsphere.IsNotAuthenticated(err), "%v", err)
	assert.Empty(t, stats)
}

// FuzzRetrieved reads any answer as each part of a poll does: all of it or nothing, and nothing of what is not there.
func FuzzRetrieved(f *testing.F) {
	alarm := propSet(triggeredAlarmState, "ArrayOfAlarmState", `<AlarmState><key>alarm-6.vm-1</key><entity type="VirtualMachine">vm-1</entity><alarm type="Alarm">alarm-6</alarm><overallStatus>red</overallStatus><acknowledged>true</acknowledged></AlarmState>`)
	license := propSet("licenses", "ArrayOfLicenseManagerLicenseInfo", `<LicenseManagerLicenseInfo><name>x</name><total>3</total><properties><key>expirationDate</key><value xsi:type="xsd:dateTime">2027-01-01T00:00:00Z</value></properties><properties><key>expirationHours</key><value xsi:type="xsd:long">9</value></properties></LicenseManagerLicenseInfo>`)
	denied := `<missingSet><path>summary.storage</path><fault><fault xsi:type="NoPermission"/><localizedMessage>x</localizedMessage></fault></missingSet>`
	for _, body := range [][]byte{
		retrievedAnswer("1", busy("vm-1", 3), busy("vm-3", 5), told("VirtualMachine", "vm-2", denied)),
		retrievedAnswer("", told("Folder", "group-d1", alarm), told("LicenseManager", "LicenseManager", license)),
		retrievedAnswer("", told("HostSystem", "host-1", propSet(certificateManager, "ManagedObjectReference", "m-1")),
			told("HostCertificateManager", "m-1", propSet(certificateEnd, "xsd:dateTime", "2027-01-01T00:00:00Z"))),
		answer("1", false), []byte("<Envelope><Body><RetrievePropertiesExResponse/></Body></Envelope>"),
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		stats, status, err := statsOf(t, body)
		for moref, s := range stats {
			require.Contains(t, []string{"vm-1", "vm-2"}, moref)
			require.NotNil(t, s)
		}
		require.NotContains(t, status, "vm-9")
		r, again := decodeRetrieved(body)
		require.Equal(t, err, again)
		if err != nil {
			require.Empty(t, stats)
			require.Empty(t, r)
			return
		}
		alarms, ends := reports{}, endings{ends: map[string]time.Time{}, managers: map[string]string{}}
		r.each(alarms.takeAll)
		r.each(alarms.takeOwn)
		r.each(ends.take)
		require.LessOrEqual(t, len(ends.byHost()), len(ends.managers))
		r.each(func(_ string, properties soapxml.Elements) { _ = readLicense(properties, time.Unix(0, 0)) })
		for _, report := range alarms.reports {
			require.NotEmpty(t, report.object)
		}
	})
}

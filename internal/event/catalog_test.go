package event

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/vmware/govmomi/vim25/types"
)

func TestCatalogTellsTheTypesOfEventExApart(t *testing.T) {
	catalog := NewCatalog([]types.EventDescriptionEventDetail{
		{Key: "VmPoweredOnEvent", Category: "info", FullFormat: "{vm.name} | is powered on"},
		{Key: "EventEx", Category: "error", FullFormat: "com.vmware.vc.ha.VmRestartedByHAEvent|Virtual machine {vm.name} was restarted"},
		{Key: "EventEx", Category: "Warning", FullFormat: " esx.problem.net.connectivity.lost |Lost"},
		{Key: "ExtendedEvent", Category: "user", FullFormat: "com.example.Hello|Hello | world"},
		{Key: "EventEx", Category: "info", FullFormat: "no ID here"},
	})
	for id, want := range map[string]string{
		"VmPoweredOnEvent":                      "info",
		"com.vmware.vc.ha.VmRestartedByHAEvent": "error",
		"esx.problem.net.connectivity.lost":     "warning",
		"com.example.Hello":                     "user",
		"EventEx":                               "info",
		"{vm.name}":                             "",
		"TomorrowsEvent":                        "",
		"":                                      "",
	} {
		assert.Equal(t, want, catalog.Category(id), id)
	}
}

func TestCatalogBeforeVCenterDescribedItself(t *testing.T) {
	assert.Empty(t, NewCatalog(nil).Category("VmPoweredOnEvent"))
	assert.Empty(t, (*Catalog)(nil).Category("VmPoweredOnEvent"))
}

func TestTypeIDOfAnEventExWithoutOne(t *testing.T) {
	assert.Equal(t, "EventEx", (&Event{Class: "EventEx"}).TypeID())
	assert.Equal(t, "ExtendedEvent", (&Event{Class: "ExtendedEvent"}).TypeID())
}

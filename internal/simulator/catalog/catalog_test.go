package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/catalog"
)

func TestEveryClassIsOneOfGovmomis(t *testing.T) {
	typeOf := types.TypeFunc()
	require.Greater(t, len(catalog.Classes()), 400)
	for _, class := range catalog.Classes() {
		_, known := typeOf(class)
		assert.True(t, known, class)
	}
	for _, info := range esx.EventInfo {
		assert.NotEmpty(t, catalog.Category(info.Key), info.Key)
	}
}

func TestEveryRowHasACategory(t *testing.T) {
	for _, info := range catalog.Description().EventInfo {
		assert.Contains(t, []string{"info", "warning", "error", "user"}, info.Category, info.Key)
		assert.NotEmpty(t, info.FullFormat)
	}
	for id, category := range map[string]string{
		"VmPoweredOnEvent": "info", "VmFailedToPowerOnEvent": "error", "HostDisconnectedEvent": "warning",
		"GeneralUserEvent": "user", "esx.problem.net.redundancy.lost": "warning", "NoSuchEvent": "",
	} {
		assert.Equal(t, category, catalog.Category(id), id)
	}
}

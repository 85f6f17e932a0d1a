package translate

import (
	"reflect"
	"strings"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// interest are the types of objects that some metric is switched on for. Objects of others are passed over.
type interest map[string]bool

// anyType stands for all types.
const anyType = "*"

// ofFamily says whom the metrics vcenter.<family>.… are about.
var ofFamily = map[string]string{
	"vm": typeVM, "host": typeHost, "resource_pool": typePool, "datastore": typeDatastore, "cluster": typeCluster,
	"datacenter": typeDatacenter, "alarm": anyType, "tag": anyType,
}

// interestOf looks at each switch, by its name.
func interestOf(on *metadata.MetricsConfig) interest {
	all := interest{}
	switches := reflect.ValueOf(on).Elem()
	for i := range switches.NumField() {
		family := strings.Split(switches.Type().Field(i).Tag.Get("mapstructure"), ".")[1]
		if switches.Field(i).FieldByName("Enabled").Bool() {
			all[ofFamily[family]] = true
		}
	}
	return all
}

func (i interest) in(o *inventory.Object) bool { return i[o.Type] || i[anyType] }

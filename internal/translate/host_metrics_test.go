package translate

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A sensor is read by its number and a power of ten, which a broken one can make anything of.
func TestASensorThatIsOutOfItsMindIsNotRead(t *testing.T) {
	for modifier, want := range map[string]string{"-2": "23", "0": "2300", "3": "2.3e+06", "400": "", "-9223372036854775808": "", "x": "2300"} {
		t.Run(modifier, func(t *testing.T) {
			sensor := `<objectSet><kind>modify</kind><obj type="HostSystem">host-28</obj><changeSet><name>runtime.healthSystemRuntime.systemHealthInfo</name><op>assign</op>` +
				`<val xsi:type="HostSystemHealthInfo"><numericSensorInfo><name>Ambient</name><currentReading>2300</currentReading><unitModifier>%s</unitModifier>` +
				`<baseUnits>Degrees C</baseUnits><sensorType>temperature</sensorType></numericSensorInfo></val></changeSet></objectSet>`
			config := everything(false)
			config.Metrics.VcenterHostSensorReading.Enabled = true
			all := newTestMetrics(config).Of(testCollection(t, fmt.Sprintf(sensor, modifier)))
			if want == "" {
				assert.Zero(t, all.DataPointCount())
				return
			}
			require.Equal(t, 1, all.DataPointCount())
			for _, value := range series(all) {
				assert.Equal(t, want, value)
			}
		})
	}
}

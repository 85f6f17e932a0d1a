package receiver

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// overheardStatus is a status whose log lines can be looked at: each as its cause and its next try.
func overheardStatus() (*status, func() []string) {
	core, logs := observer.New(zapcore.DebugLevel)
	return newStatus(componenttest.NewNopHost(), zap.New(core)), func() (lines []string) {
		for _, entry := range logs.TakeAll() {
			fields := entry.ContextMap()
			lines = append(lines, fmt.Sprint(fields["error"], " ", fields["next_try_in"]))
		}
		return lines
	}
}

// A session is lost, and the login that follows finds another trouble: the line of the first must not hide the second.
func TestAnotherCauseIsTold(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		s, lines := overheardStatus()
		s.interrupted(vsphere.ErrClosed, 0)
		s.interrupted(errStalled, 0)
		s.interrupted(errStalled, 0)
		s.interrupted(vsphere.ErrClosed, 0)
		assert.Equal(t, []string{vsphere.ErrClosed.Error() + " 0s", errStalled.Error() + " 0s"}, lines())
		time.Sleep(repeatAfter)
		s.interrupted(errStalled, 0)
		assert.Len(t, lines(), 1, "one a minute")
	})
}

// The first of many tries is at once, and a later one is a minute away: who has read of the first must hear of that, too.
func TestALongWaitAfterAShortOneIsTold(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		s, lines := overheardStatus()
		trouble := errors.New("trouble")
		for _, next := range []time.Duration{138 * time.Millisecond, time.Second, time.Minute, time.Second, time.Minute, 2 * time.Minute} {
			s.hold("held", "refused", trouble, next)
		}
		assert.Equal(t, []string{"trouble 138ms", "trouble 1m0s"}, lines())
	})
}

// Hours of trouble of any kind, with waits that grow and shrink, are some lines a minute.
func TestTroubleThatLastsIsToldNowAndThen(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		s, lines := overheardStatus()
		causes := []error{errStalled, vsphere.ErrClosed}
		const minutes = 120
		for began, n := time.Now(), 0; time.Since(began) < minutes*time.Minute; n++ {
			next := 100 * time.Millisecond << (n % 9)
			s.interrupted(causes[n%2], next)
			time.Sleep(next)
		}
		told := len(lines())
		assert.LessOrEqual(t, told, 2*2*(minutes+1))
		assert.GreaterOrEqual(t, told, minutes)
	})
}

package tagging

import (
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// Counts are of what a Tagger has done so far. Calls are counted by the Observer of package vsphere.
type Counts struct {
	Readings uint64 // that brought tags
	Failures uint64 // readings that failed
	Logins   uint64 // to the REST API
}

type counts struct{ readings, failures, logins atomic.Uint64 }

// Counts returns what was counted so far.
func (t *Tagger) Counts() Counts {
	return Counts{Readings: t.counts.readings.Load(), Failures: t.counts.failures.Load(), Logins: t.counts.logins.Load()}
}

// report tells of trouble: once of each kind, until there is none.
type report struct {
	logger *zap.Logger
	told   map[string]bool // kinds
}

func (r *report) failed(err error, last, next time.Time) {
	kind := kindOf(err)
	if r.told[kind] {
		return
	}
	if r.told == nil {
		r.told = map[string]bool{}
	}
	r.told[kind] = true
	fields := []zap.Field{zap.Error(err), zap.Time("next_try", next)}
	if !last.IsZero() {
		fields = append(fields, zap.Time("last_read", last))
	}
	r.logger.Warn("tags cannot be read: what was known of them stays", fields...)
}

func (r *report) succeeded() {
	if len(r.told) > 0 {
		r.logger.Info("tags are read again")
	}
	r.told = nil
}

// kindOf is one of a few words.
func kindOf(err error) string {
	if _, refused := vsphere.NextLogin(err); refused {
		return "refused"
	}
	if vsphere.IsNoREST(err) {
		return "absent"
	}
	return vsphere.ErrorType(err)
}

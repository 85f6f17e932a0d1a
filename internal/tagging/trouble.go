package tagging

import (
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// trouble is why tags could not be read last.
type trouble struct {
	err    error
	absent time.Time // since when vCenter says that it has no REST API, at each try; zero: it does not say so
}

func (t *Tagger) note(err error) {
	now := &trouble{err: err}
	if vsphere.IsNoREST(err) {
		now.absent = time.Now()
		if before := t.trouble.Load(); before != nil && !before.absent.IsZero() {
			now.absent = before.absent
		}
	}
	t.trouble.Store(now)
}

// Trouble is why tags could not be read at the last try; nil where they could, and before the first.
func (t *Tagger) Trouble() error {
	if trouble := t.trouble.Load(); trouble != nil {
		return trouble.err
	}
	return nil
}

// Absent reports whether vCenter has said for so long that it has no REST API that there is none. It is asked on.
func (t *Tagger) Absent() bool {
	trouble := t.trouble.Load()
	return trouble != nil && !trouble.absent.IsZero() && time.Since(trouble.absent) >= t.settings.Patience
}

package receiver

import (
	"context"

	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
)

// letters are the dead letters of a stream, which lie in its store.
type letters[P any] struct {
	store   *checkpoint.Store[P]
	telling uint64 // those before it are being told
	dropped int    // that gave way, as far as told
}

func lettersIn[P any](store *checkpoint.Store[P]) letters[P] {
	return letters[P]{store: store, dropped: store.Dropped()}
}

// untold are refusals that no record has told of yet.
func (l *letters[P]) untold(ctx context.Context, logger *zap.Logger) []translate.Refusal {
	found, to, err := l.store.Untold(ctx, refusalsAtOnce)
	if err != nil {
		logger.Warn("refusals are not told until dead letters can be read", zap.Error(err))
		return nil
	}
	l.telling = to
	if len(found) == 0 {
		l.store.Tell(to) // there may have been damaged ones
		return nil
	}
	list := make([]translate.Refusal, len(found))
	for i, letter := range found {
		list[i] = translate.Refusal{UID: letter.UID, Reason: letter.Reason}
	}
	return list
}

// tell notes that those are told.
func (l *letters[P]) tell() { l.store.Tell(l.telling) }

// heed says when letters gave way to those that are stored now.
func (l *letters[P]) heed(telemetry *streamTelemetry, logger *zap.Logger) {
	if dropped := l.store.Dropped(); dropped > l.dropped {
		logger.Warn("dead letters gave way to newer ones: there is room for the last of them only", zap.Int("dropped", dropped-l.dropped))
		telemetry.gaveWay(dropped - l.dropped)
		l.dropped = dropped
	}
}

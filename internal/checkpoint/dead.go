package checkpoint

import (
	"context"
	"fmt"
	"time"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
)

// Letters reads the dead letters that are kept, oldest first. One that is damaged is left out.
func (s *Store[P]) Letters(ctx context.Context) ([]sender.Letter, error) {
	return s.letters(ctx, s.ring.Oldest, s.ring.Next)
}

// Untold reads the oldest of the letters that Tell was not called for, at most limit of them: also those of an earlier process,
// but none that has given way. Tell is to be called with the number that it returns.
func (s *Store[P]) Untold(ctx context.Context, limit int) ([]sender.Letter, uint64, error) {
	to := min(s.ring.Next, s.ring.Told+uint64(limit))
	letters, err := s.letters(ctx, s.ring.Told, to)
	return letters, to, err
}

// Tell notes that the letters before a number are told. The next commit stores it.
func (s *Store[P]) Tell(to uint64) { s.told = max(s.told, to) }

// Date gives the letters that have none a date to be told with, from the next commit on; zero: there is none yet.
func (s *Store[P]) Date(at time.Time) { s.date = at.UTC() }

// Dated is the date of the letters that are not told yet, as it is stored.
func (s *Store[P]) Dated() time.Time { return s.ring.Date }

// Dropped is how many letters have given way to newer ones so far.
func (s *Store[P]) Dropped() int { return s.ring.Dropped }

func (s *Store[P]) letters(ctx context.Context, from, to uint64) ([]sender.Letter, error) {
	stored, err := readLetters(ctx, s.client, s.key, from, to)
	if err != nil {
		return nil, fmt.Errorf("read dead letters of checkpoint %q: %w", s.key, err)
	}
	letters := make([]sender.Letter, 0, len(stored))
	for _, l := range stored {
		letters = append(letters, sender.Letter{UID: l.UID, Reason: l.Reason, Time: l.Time, Record: l.record})
	}
	return letters, nil
}

package accident

import "time"

// Duration is a time.Duration that is "1.5s" in JSON.
type Duration time.Duration

// MarshalText writes it as Go does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what Go writes.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// String is as Go writes it.
func (d Duration) String() string { return time.Duration(d).String() }

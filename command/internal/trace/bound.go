package trace

import (
	"errors"
	"fmt"
	"time"
)

// A Bound is a time, or an offset from the first request of a log.
type Bound struct {
	text   string // "" for none
	at     time.Time
	offset time.Duration
}

var errBound = errors.New("want a time such as 2026-11-29T01:02:03Z, or an offset from the first request such as 10m")

// UnmarshalText implements [encoding.TextUnmarshaler].
func (b *Bound) UnmarshalText(text []byte) error {
	b.text = string(text)
	var err error
	if b.offset, err = time.ParseDuration(b.text); err == nil {
		if b.offset < 0 {
			return fmt.Errorf("%.40q: %w", b.text, errBound)
		}
		return nil
	}
	var ok bool
	if b.at, ok = parseTime(b.text); !ok {
		return fmt.Errorf("%.40q: %w", b.text, errBound)
	}
	return nil
}

// of returns the bound as the times of a log are, which are since 1970 or since
// its start. start is that of the first request.
func (b Bound) of(start time.Duration, real bool) (time.Duration, error) {
	switch {
	case b.text == "" || b.at.IsZero():
		return start + b.offset, nil
	case !real:
		return 0, fmt.Errorf("%s: the files have offsets and no times: want an offset such as 10m", b.text)
	}
	return time.Duration(b.at.UnixNano()), nil
}

// layouts are the forms of times. One without a zone is in UTC.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999", "2006-01-02",
}

func parseTime(text string) (at time.Time, ok bool) {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= 1970 && at.Year() < 2262 {
			return at, true
		}
	}
	return time.Time{}, false
}

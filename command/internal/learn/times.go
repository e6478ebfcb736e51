package learn

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// units are the units of times that are numbers.
var units = map[string]struct {
	of   time.Duration
	name string
}{
	"s": {time.Second, "seconds"}, "ms": {time.Millisecond, "milliseconds"},
	"us": {time.Microsecond, "microseconds"}, "ns": {time.Nanosecond, "nanoseconds"},
}

// number reads a time that is a number of a unit, or a duration such as 1.5ms.
// "-" and "" are no time.
func (l *log) number(text, unit, what string) (time.Duration, error) {
	if text = strings.TrimSpace(text); text == "" || text == "-" {
		return -1, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		took, wrong := time.ParseDuration(text)
		if wrong != nil {
			return -1, fmt.Errorf("%s: %.40q is not a time", what, text)
		}
		l.times = what
		return took, nil
	}
	if l.times == "" {
		l.times = what + ", in " + units[unit].name
	}
	if took := n * float64(units[unit].of); took >= 0 && took < float64(1<<62) {
		return time.Duration(took + 0.5), nil
	}
	return -1, nil // -1 stands for none
}

// wantTime says how a file is to have times.
func (l *log) wantTime() string {
	switch l.form {
	case formAccess:
		return "want one after the user agent: add $request_time to nginx's log_format, or %D to Apache's LogFormat; " +
			"for a server that cannot log it, learn from the journal of teapot proxy --admin"
	case "JSON lines":
		return "want --fields time=NAME, the field that has it"
	}
	return "want timings.wait or time in the entries"
}

// suffixes of the names of fields tell the unit of their times.
var suffixes = []struct{ suffix, unit string }{
	{"milliseconds", "ms"},
	{"microseconds", "us"},
	{"nanoseconds", "ns"},
	{"seconds", "s"},
	{"secs", "s"},
	{"millis", "ms"},
	{"micros", "us"},
	{"nanos", "ns"},
	{"_ms", "ms"},
	{"_us", "us"},
	{"_ns", "ns"},
	{"_s", "s"},
	{"_sec", "s"},
	{"Ms", "ms"},
	{"Us", "us"},
	{"Ns", "ns"},
	{"-ms", "ms"},
}

// knownUnits are the units of fields that well-known servers write.
var knownUnits = map[string]string{
	"request_time": "s", "upstream_response_time": "s", // nginx
	"Duration": "ns", "OriginDuration": "ns", // Traefik
	"responseTime":   "ms", // pino-http
	"event.duration": "ns", // Elastic Common Schema
}

// unitOf returns the unit of the times in a field, "" if it is not known.
func (l *log) unitOf(name string, caddy bool) string {
	switch {
	case l.Unit != "":
		return l.Unit
	case knownUnits[name] != "":
		return knownUnits[name]
	case caddy && name == "duration":
		return "s"
	}
	for _, s := range suffixes {
		if strings.HasSuffix(name, s.suffix) {
			return s.unit
		}
	}
	return ""
}

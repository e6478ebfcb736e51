package checks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// differing has n tasks that report ok after a truncated body, m that report a
// failure without a fault, and one of other bytes between them.
func differing(n, m int) *record.Recording {
	r := clean()
	r.Samples = nil
	add := func(key string, s record.Sample) {
		s.Key = key
		s.Requests = []record.Request{{Attempt: 1, Did: s.Did}}
		r.Samples = append(r.Samples, s)
	}
	planned := func(c record.Class) record.Planned { return record.Planned{PlannedClass: c, PlannedBytes: 9} }
	for i := range m {
		add(fmt.Sprintf("F%d", i), record.Sample{
			Did: "none", Planned: planned(record.OK),
			Seen: record.Seen{Class: record.Failed, Error: fmt.Sprint("panic ", i)},
		})
	}
	add("B", record.Sample{Did: "none", Seen: record.Seen{Class: record.OK, Bytes: 7}, Planned: planned(record.OK)})
	for i := range n {
		add(fmt.Sprintf("T%d", i), record.Sample{
			Did: "truncate", Seen: record.Seen{Class: record.OK}, Planned: planned(record.Truncated),
		})
	}
	return r
}

// TestGroups wants many tasks in groups, the largest first, and few one by one,
// and the requests of the first task of each.
func TestGroups(t *testing.T) {
	const faithful = " attempt 1 from 0s to 0s: no fault"
	for _, tt := range []struct {
		n, m                int
		got, want, requests string
	}{
		{
			1, 1, "F0 failed (panic 0), B 7 bytes, T0 ok",
			"F0 ok, B 9 bytes, which the server sent, T0 truncated (after truncate)",
			"F0" + faithful + "|B" + faithful + "|T0 attempt 1 from 0s to 0s: truncate",
		},
		{
			21, 2, "21 × ok: T0, T1, T2, T3, T4, T5, T6, T7, T8, T9 and 11 more\n" +
				"2 × failed: F0, F1; the error of F0: panic 0\n1 × other bytes: B; B: 7 bytes of 9",
			"21 × truncated (after truncate)\n2 × ok\n1 × the bytes that the server sent",
			"T0 attempt 1 from 0s to 0s: truncate|F0" + faithful + "|B" + faithful,
		},
	} {
		found := checks.Classification(differing(tt.n, tt.m))
		if len(found) != 1 {
			t.Fatalf("%d violations", len(found))
		}
		v := found[0]
		if requests := strings.Join(v.Requests, "|"); v.Got != tt.got || v.Want != tt.want || requests != tt.requests {
			t.Errorf("got\n%s\n%s\n%s\nwant\n%s\n%s\n%s", v.Got, v.Want, requests, tt.got, tt.want, tt.requests)
		}
		if line := v.String(); strings.Contains(line, "\n") {
			t.Errorf("more than one line: %s", line)
		}
	}
}

// TestGroupsAreBounded has more groups, and more requests, than a message
// shows.
func TestGroupsAreBounded(t *testing.T) {
	r := clean()
	r.Samples = nil
	for i := range 100 {
		r.Samples = append(r.Samples, record.Sample{
			Key: fmt.Sprint(i), Did: fmt.Sprint("fault", i), Seen: record.Seen{Class: record.OK},
			Planned: record.Planned{PlannedClass: record.Reset}, Requests: make([]record.Request, 20),
		})
	}
	v := checks.Classification(r)[0]
	if strings.Count(v.Got, "\n") != 10 || !strings.HasSuffix(v.Got, "\nand 90 more") ||
		strings.Count(v.Want, "\n") != 9 {
		t.Errorf("got %s, want %s", v.Got, v.Want)
	}
	if last := len(v.Requests) - 1; last != 30 || v.Requests[last] != "and 170 more" {
		t.Errorf("%d requests: %v", last, v.Requests)
	}
}

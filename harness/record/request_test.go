package record_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

func TestRequest(t *testing.T) {
	for want, r := range map[string]record.Request{
		"attempt 2 from 1s to 1.5s: truncate, status 200": {
			Attempt: 2, Arrived: time.Second, Took: time.Second / 2, Did: "truncate", Status: 200,
		},
		"attempt 1 from 0s to 0s: client left first": {Attempt: 1, Did: record.ActionClientLeft, Left: true},
		"attempt 1 from 0s to 1s: hang, the client left": {
			Attempt: 1, Took: time.Second, Did: "hang", Left: true,
		},
	} {
		if got := r.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestDiffers wants a difference of exactly the samples that do not agree, and
// one that tells every kind of disagreement apart.
func TestDiffers(t *testing.T) {
	good := record.Sample{
		Did: "none", Served: 200, Seen: record.Seen{Class: record.OK, Status: 200, Bytes: 7},
		Planned: record.Planned{PlannedClass: record.OK, PlannedBytes: 7, PlannedFault: "none"},
	}
	for want, change := range map[[3]string]func(*record.Sample){
		{}: func(*record.Sample) {},
		{"truncate", "ok", "truncated"}: func(s *record.Sample) {
			s.Did, s.PlannedClass = "truncate", record.Truncated
		},
		{"status", "ok", "status"}: func(s *record.Sample) { // without a journal
			s.Did, s.PlannedFault, s.PlannedClass = "", "status", record.Status
		},
		{"no fault", "no class", "ok"}: func(s *record.Sample) { s.Class = "" },
		{"no request came", "ok", "ok as the answer to a request"}: func(s *record.Sample) {
			s.Did = record.ActionNoRequest
		},
		{"no fault", "status 200", "status 206, which the server sent"}: func(s *record.Sample) {
			s.Served = 206
		},
		{"no fault", "status 200", "no status, as the server sent no answer"}: func(s *record.Sample) {
			s.Served = 0
		},
		{"no fault", "other bytes", "the bytes that the server sent"}: func(s *record.Sample) {
			s.Bytes = 8
		},
	} {
		s := good
		change(&s)
		met, said, wanted := s.Differs()
		if got := [3]string{met, said, wanted}; got != want || (met != "") == s.Agrees() {
			t.Errorf("got %q, want %q", got, want)
		}
		s.Doubt = "several"
		if met, _, _ := s.Differs(); met != "" {
			t.Errorf("a doubtful sample differs: %s", met)
		}
	}
}

func TestAddRequest(t *testing.T) {
	var s record.Sample
	for i := range 100 {
		s.AddRequest(record.Request{Attempt: i + 1})
	}
	if len(s.Requests) != 20 || s.Requests[19].Attempt != 20 {
		t.Errorf("lists %v", s.Requests)
	}
}

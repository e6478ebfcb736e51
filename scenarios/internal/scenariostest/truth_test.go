package scenarios_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// classes is what a correct client reports of each fault, of a flag that
// exists.
var classes = map[servers.Kind]record.Class{
	fault.None:            record.OK,
	fault.Status:          record.Status,
	fault.Redirect:        record.OK,
	fault.RedirectLoop:    record.Redirect,
	fault.Refuse:          record.Refused,
	fault.Close:           record.Reset,
	fault.Empty:           record.Reset,
	fault.Reset:           record.Reset,
	fault.ResetHead:       record.Reset,
	fault.ResetBody:       record.Reset,
	fault.Truncate:        record.Truncated,
	fault.TruncateChunked: record.Truncated,
	fault.Garbage:         record.Malformed,
	fault.BadChunk:        record.Malformed,
	fault.BadLength:       record.Malformed,
	fault.WrongType:       record.Malformed,
	fault.HugeHead:        record.Malformed,
	fault.Surplus:         record.OK,
	fault.Corrupt:         record.OK,
	fault.IgnoreRange:     record.OK,
	fault.Hang:            record.Timeout,
	fault.HangBody:        record.Timeout,
	fault.HalfOpen:        record.Timeout,
	fault.SlowClose:       record.OK,
	fault.EarlyHints:      record.OK,
	fault.Trailers:        record.OK,
	fault.GoAway:          record.OK,

	fault.RefusedStream:     record.OK, // the transport sends the request again
	fault.GoAwayUnprocessed: record.OK,
}

// meeting is a scenario in which the requests for the last keys meet one fault,
// so that some of them meet it on a connection that has been used.
func meeting(t *testing.T, v scenarios.Vocabulary, kind servers.Kind, clock, protocol string) *scenarios.Scenario {
	t.Helper()
	latency, timeout := "uniform(100ms, 900ms)", "20s"
	if clock == "real" {
		latency = "2ms"
		if kind.End() == fault.EndTimeout {
			timeout = "3s" // for answers that come at once, and for ones that never do
		}
	}
	status := ""
	if kind == fault.Status {
		status = ", status: 418"
	}
	keys := "U*, V*"
	if few(kind) {
		keys = "V*"
	}
	faults := fmt.Sprintf("[{kind: %s, keys: [%s]%s}]", kind, keys, status)
	if kind == fault.None {
		faults = "[]"
	}
	wire := "protocol: " + protocol
	if protocol == "handler" {
		wire = "transport: handler"
	}
	return parsed(t, v, `name: one
seed: 5
clock: `+clock+`
server:
  `+wire+`
  latency: `+latency+`
  faults: `+faults+`
workload: {task: TASK, flags: [BR, CN, DE, EG, UA, UG, US, VE, VN], timeout: `+timeout+`}
executors:
  - {kind: sequential}
  - {kind: pool, workers: 4}
`, "TASK", taskOf(v))
}

// struck reports whether a fault of meeting strikes a key.
func struck(kind servers.Kind, key string) bool {
	return key >= "V" || key >= "U" && !few(kind)
}

// few reports whether each request that meets a fault costs much: eleven
// megabytes, or a timeout.
func few(kind servers.Kind) bool { return kind == fault.HugeHead || kind.End() == fault.EndTimeout }

func taskOf(v scenarios.Vocabulary) string {
	for name := range v.Tasks {
		return name
	}
	return "download"
}

// TestTruthOfFaults has the built-in client meet every fault on both clocks and
// over every protocol, on connections that are new and on used ones.
func TestTruthOfFaults(t *testing.T) {
	for _, kind := range append(fault.Kinds(), fault.None) {
		for _, world := range []string{
			"virtual http", "virtual https", "real http", "real https", "virtual h2", "virtual h2c", "real h2",
			"real h2c", "virtual handler", "real handler",
		} {
			clock, protocol, _ := strings.Cut(world, " ")
			http2 := strings.HasPrefix(protocol, "h2")
			if protocol == "handler" && kind.Connection() {
				continue // refused
			}
			if !kind.HTTP2() && http2 || !kind.HTTP1() && !http2 {
				continue
			}
			if kind.End() == fault.EndTimeout && clock == "real" && protocol != "http" {
				continue // each costs a timeout, and the real clock is tried over http
			}
			t.Run(string(kind)+"/"+world, func(t *testing.T) {
				s := meeting(t, scenarios.Vocabulary{}, kind, clock, protocol)
				for _, c := range s.Cases()[map[string]int{"virtual": 0, "real": 1}[clock]:] {
					rec, err := (&scenarios.Runner{}).Run(t.Context(), c)
					if err != nil {
						t.Fatal(err)
					}
					for _, v := range rec.Violations {
						t.Errorf("%s: %v", c.Name(), v)
					}
					for _, sample := range rec.Samples {
						want, did := record.OK, fault.None
						if struck(kind, sample.Key) {
							want, did = classes[kind], kind
						}
						if sample.Class != want || sample.PlannedClass != want || sample.Did != string(did) {
							t.Errorf("%s: %s is %s after %s, planned %s, want %s", c.Name(), sample.Key, sample.Class,
								sample.Did, sample.PlannedClass, want)
						}
						if sample.Class == record.OK &&
							(sample.PlannedBytes == 0 || sample.PlannedBytes != sample.Bytes) {
							t.Errorf("%s: %s has %d bytes, planned %d", c.Name(), sample.Key, sample.Bytes,
								sample.PlannedBytes)
						}
						if service := sample.Finished - sample.Started; clock == "virtual" &&
							service != sample.PlannedService {
							t.Errorf("%s: %s took %v, planned %v", c.Name(), sample.Key, service, sample.PlannedService)
						}
					}
				}
			})
		}
	}
}

// TestPlantedClients has clients that each misread one fault: every request of
// that fault must be named, and no other.
func TestPlantedClients(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind servers.Kind
		from record.Class // what a correct client says
		to   record.Class // what this one says
	}{
		{"takes a truncated body for success", fault.Truncate, record.Truncated, record.OK},
		{"takes an unfinished chunked body for success", fault.TruncateChunked, record.Truncated, record.OK},
		{"calls a timeout a reset", fault.Hang, record.Timeout, record.Reset},
		{"calls a reset a timeout", fault.Reset, record.Reset, record.Timeout},
		{"calls a refusal a reset", fault.Refuse, record.Refused, record.Reset},
		{"takes any answer for success", fault.Status, record.Status, record.OK},
		{"takes a page of HTML for a flag", fault.WrongType, record.Malformed, record.OK},
		{"calls garbage a reset", fault.Garbage, record.Malformed, record.Reset},
		{"stops at a redirect", fault.Redirect, record.OK, record.Status},
		{"has no class for a loop", fault.RedirectLoop, record.Redirect, record.Failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			right := scenarios.Downloader{}.Download
			v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
				func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
					seen := right(ctx, server, key, attempt)
					if seen.Class == tt.from && struck(tt.kind, key) {
						seen.Class = tt.to
					}
					return seen
				})}}
			s := meeting(t, v, tt.kind, "virtual", "http")
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[1])
			if err != nil {
				t.Fatal(err)
			}
			if len(rec.Violations) != 1 || rec.Violations[0].Check != "classification" {
				t.Fatalf("got %v, want one violation of classification", rec.Violations)
			}
			found := rec.Violations[0]
			var keys, one []string
			for _, sample := range rec.Samples {
				if struck(tt.kind, sample.Key) {
					keys = append(keys, sample.Key)
					one = append(one, sample.Key+" "+string(tt.to)+" ("+sample.Error+")")
				}
			}
			want, listed := strings.Join(one, ", "), keys
			if len(keys) > 3 {
				want = fmt.Sprintf("%d × %s: %s", len(keys), tt.to, strings.Join(keys, ", "))
				listed = keys[:1]
			}
			if got, _, _ := strings.Cut(found.Got, "; the error of "+keys[0]+": "); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			for _, request := range found.Requests {
				if key, _, _ := strings.Cut(request, " attempt 1 from "); !slices.Contains(listed, key) {
					t.Errorf("%q is listed, want the requests of %s", request, listed)
				}
			}
			if len(found.Requests) < len(listed) {
				t.Errorf("listed %q, want the requests of %s", found.Requests, listed)
			}
		})
	}
}

// TestSilentlyResent asks with net/http on connections that have been used:
// what a transport sends again is in the journal as that, has the same fate,
// and waits no second time.
func TestSilentlyResent(t *testing.T) {
	for _, kind := range []servers.Kind{fault.Reset, fault.Empty} {
		var journal []servers.Entry
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": spied(&journal)}}
		s := meeting(t, v, kind, "virtual", "http")
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[1])
		if err != nil || len(rec.Violations) != 0 {
			t.Fatalf("%v, %v", rec.Violations, err)
		}
		seen := map[string]int{}
		again := 0
		slices.SortStableFunc(journal, func(a, b servers.Entry) int { return cmp.Compare(a.Arrived, b.Arrived) })
		for _, e := range journal { // the first of two may end a moment after the second has
			if seen[e.Key]++; e.Resent != (seen[e.Key] > 1) || e.Planned.Latency == 0 || e.Resent && e.Waited != 0 {
				t.Errorf("%s: %+v", kind, e)
			}
			if e.Resent {
				again++
			}
		}
		if again == 0 {
			t.Errorf("%s: nothing was sent again: nothing was tested", kind)
		}
	}
}

// spied is a download whose server's journal is kept.
func spied(journal *[]servers.Entry) scenarios.WorkloadFunc {
	task := scenarios.RequestWorkload(scenarios.Downloader{}.Download)
	return func(s *scenarios.Scenario, server *servers.Server) (*harness.Workload, error) {
		w, err := task(s, server)
		if err != nil {
			return nil, err
		}
		w.Close = func() ([]servers.Entry, error) {
			err := server.Close() // a request may end a moment after its client knows
			*journal = slices.Clone(server.Journal())
			return nil, err
		}
		return w, nil
	}
}

// TestSelections has faults that strike by position, by attempt and by time.
func TestSelections(t *testing.T) {
	for _, tt := range []struct {
		name, rest string
		struck     func(s record.Sample) bool
	}{
		{"every third key", "every: 3", func(s record.Sample) bool { return (s.Seq+1)%3 == 0 }},
		{"two attempts", "attempts: 2", func(record.Sample) bool { return true }},
		{"a pattern", `keys: ["[CU]?"]`, func(s record.Sample) bool { return s.Key[0] == 'C' || s.Key[0] == 'U' }},
		{"a window", "from: 1s, until: 3s", func(s record.Sample) bool { return s.Started >= 1e9 && s.Started < 3e9 }},
	} {
		for _, kind := range []string{"kind: status, status: 503", "kind: refuse"} {
			t.Run(tt.name+", "+kind, func(t *testing.T) {
				s := parsed(t, scenarios.Vocabulary{}, `name: one
clock: virtual
server:
  latency: uniform(500ms, 1500ms)
  faults: [{`+kind+", "+tt.rest+`}]
workload: {task: download, flags: top20}
executors:
  - {kind: pool, workers: 4}
expect: {schedule: {within: 0.000001ms}}
`)
				rec, err := (&scenarios.Runner{}).Run(t.Context(), s.Cases()[0])
				if err != nil || len(rec.Violations) != 0 {
					t.Fatalf("%v, %v", rec.Violations, err)
				}
				n := 0
				for _, sample := range rec.Samples {
					struck := sample.Class != record.OK
					if struck {
						n++
					}
					if struck != tt.struck(sample) {
						t.Errorf("%s, started at %v, is %s", sample.Key, sample.Started, sample.Class)
					}
				}
				if n == 0 || n == len(rec.Samples) && tt.rest != "attempts: 2" {
					t.Errorf("%d of %d struck: nothing was tested", n, len(rec.Samples))
				}
			})
		}
	}
}

// TestEvasive has a client that does not ask where the server is: a refusal
// reaches it as an empty answer, and the truth says so.
func TestEvasive(t *testing.T) {
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
		func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL()+servers.FlagPath(key), nil)
			if err != nil {
				return record.Seen{Class: record.Failed, Error: err.Error()}
			}
			req.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
			resp, err := server.Client().Do(req)
			if err != nil {
				return record.Seen{Class: record.Reset, Error: err.Error()}
			}
			defer resp.Body.Close()
			n, _ := io.Copy(io.Discard, resp.Body)
			return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode, Bytes: n}
		})}}
	s := meeting(t, v, fault.Refuse, "virtual", "http")
	rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
	if err != nil || len(rec.Violations) != 0 {
		t.Fatalf("%v, %v", rec.Violations, err)
	}
}

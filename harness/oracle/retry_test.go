package oracle_test

import (
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/fault"
)

// tried returns the journal of one task: requests of the key A in order.
func tried(all ...servers.Entry) []servers.Entry {
	for i := range all {
		e := &all[i]
		e.Key, e.Occurrence, e.Attempt, e.Met, e.Planned.Status = "A", 1, i+1, servers.None, e.Status
		if e.Method == "" {
			e.Method, e.Idempotent = "GET", true
		}
		if e.Took == 0 {
			e.Took = 10 * ms
		}
		switch e.Waited = e.Took; {
		case e.Status >= 400:
			e.Met, e.Planned.Fault, e.Done = fault.Status, fault.Status, true
		case e.Status == 0:
			e.Met, e.Planned.Fault, e.Planned.Status = fault.Reset, fault.Reset, 200
			e.Planned.Latency = e.Took
		default:
			e.Done = true
		}
	}
	return all
}

// TestRetries has what a client does against its policy, beside what it does by
// it.
func TestRetries(t *testing.T) {
	policy := &oracle.Retry{
		On: func(class record.Class, status int) bool {
			return class == record.Reset || class == record.Refused || status == 429 || status/100 == 5
		},
		Wait: func(n int) (least, most time.Duration) {
			return time.Duration(n) * 100 * ms, time.Duration(n) * 200 * ms
		},
	}
	hasty, unsafe := *policy, *policy
	hasty.Hasty, unsafe.Unsafe = true, true
	post := func(e servers.Entry) servers.Entry { e.Method = "POST"; return e }
	keyed := func(e servers.Entry) servers.Entry { e.Method, e.Idempotent = "POST", true; return e }
	named := func(e servers.Entry) servers.Entry {
		e.Method, e.Idempotent, e.IdempotencyKey = "POST", true, 7
		return e
	}
	unseen := func(all []servers.Entry) []servers.Entry { // the first
		all[0].Met, all[0].Planned.Fault, all[0].Method, all[0].Took = fault.Refuse, fault.Refuse, "", 0
		return all
	}
	told := func(e servers.Entry) servers.Entry { e.RetryAfter = 2 * time.Second; return e }
	part := func(e servers.Entry) servers.Entry { e.Partial = true; return e }
	body := func(e servers.Entry, digest uint64) servers.Entry {
		e.Received, e.Digest, e.Method, e.Idempotent = 7, digest, "PUT", true
		return e
	}
	torn := func(all []servers.Entry) []servers.Entry { // the head of the first answer breaks off
		all[0].Met, all[0].Planned.Fault, all[0].Done = fault.ResetHead, fault.ResetHead, false
		return all
	}
	at := func(arrived time.Duration, status int) servers.Entry {
		return servers.Entry{Arrived: arrived * ms, Status: status}
	}
	file := func(e servers.Entry) servers.Entry {
		e.Entity = content.Sum{Size: 10}
		e.Asked = servers.Part{To: 10}
		return e
	}
	other := func(e servers.Entry) servers.Entry { e.Entity, e.Asked.To = content.Sum{Size: 11}, 11; return e }
	head := func(e servers.Entry) servers.Entry { e.Method, e.Idempotent = "HEAD", true; return e }
	corrupt := func(all []servers.Entry) []servers.Entry {
		all[0].Met, all[0].Planned.Fault = fault.Corrupt, fault.Corrupt
		return all
	}
	for _, test := range []struct {
		name    string
		retry   *oracle.Retry
		journal []servers.Entry
		want    string // the beginning of the misstep
	}{
		{"once", policy, tried(at(0, 200)), ""},
		{
			"a POST whose answer broke off in its head", policy, torn(tried(post(at(0, 201)), post(at(110, 201)))),
			"attempt 2 sent a POST again that may have had an effect, after reset: no other attempt",
		},
		{"a GET whose answer broke off in its head", policy, torn(tried(at(0, 200), at(110, 200))), ""},
		{"as it should", policy, tried(at(0, 503), at(110, 503), at(330, 200)), ""},
		{"a pause between its bounds", policy, tried(at(0, 503), at(160, 200)), ""},
		{"a longer pause", policy, tried(at(0, 503), at(9000, 200)), ""},
		{
			"too early", policy, tried(at(0, 503), at(20, 200)),
			"attempt 2 came 10ms after the one before: a pause of 100ms",
		},
		{
			"too early the third time", policy, tried(at(0, 503), at(110, 503), at(225, 200)),
			"attempt 3 came 105ms after",
		},
		{"at once after a reset", policy, tried(at(0, 0), at(10, 200)), "attempt 2 came 0s after"},
		{
			"too many", policy, tried(at(0, 503), at(110, 503), at(330, 503), at(640, 200)),
			"attempt 4 was made: at most 3",
		},
		{"after an answer", policy, tried(at(0, 200), at(500, 200)), "attempt 2 came after an answer of 200: no other"},
		{"after a 400", policy, tried(at(0, 400), at(500, 200)), "attempt 2 came after a status of 400: no other"},
		{"after a 404", policy, tried(at(0, 404), at(500, 200)), "attempt 2 came after an answer of 404: no other"},
		{"a range after an answer", policy, tried(at(0, 200), part(at(20, 206))), ""},
		{"at once while another is under way", policy, tried(at(0, 503), at(5, 200)), ""}, // a hedge
		{"another method", policy, tried(at(0, 200), post(at(20, 200))), ""},
		{"a POST after an answer", policy, tried(post(at(0, 503)), post(at(110, 200))), ""},
		{
			"a POST after none", policy, tried(post(at(0, 0)), post(at(500, 200))),
			"attempt 2 sent a POST again that may have had an effect, after reset: no other attempt",
		},
		{"a POST with a key after none", policy, tried(keyed(at(0, 0)), keyed(at(500, 200))), ""},
		{
			"a POST with another key after none", policy, tried(keyed(at(0, 0)), named(at(500, 200))),
			"attempt 2 sent a POST again with another Idempotency-Key: the same key",
		},
		{"a POST with a key after one that was refused", policy, unseen(tried(at(0, 0), named(at(500, 200)))), ""},
		{"a POST after none, as allowed", &unsafe, tried(post(at(0, 0)), post(at(500, 200))), ""},
		{"a body after a request that was refused", policy, unseen(tried(at(0, 0), body(at(500, 200), 1))), ""},
		{"the same body", policy, tried(body(at(0, 503), 1), body(at(110, 200), 1)), ""},
		{
			"another body", policy, tried(body(at(0, 503), 1), body(at(110, 200), 2)),
			"attempt 2 sent another body, of 7 bytes: the 7 bytes of the first",
		},
		{"Retry-After heeded", policy, tried(told(at(0, 503)), at(2010, 200)), ""},
		{
			"Retry-After ignored", policy, tried(told(at(0, 503)), at(110, 200)),
			"attempt 2 came 100ms after an answer of 503: 2s, by its Retry-After",
		},
		{"Retry-After ignored, as allowed", &hasty, tried(told(at(0, 503)), at(110, 200)), ""},
		{"Retry-After heeded without a policy", nil, tried(told(at(0, 503)), at(2010, 200)), ""},
		{
			"Retry-After ignored without a policy", nil, tried(told(at(0, 503)), at(20, 200)),
			"attempt 2 came 10ms after an answer of 503: 2s, by its Retry-After",
		},
		{
			"too many without a policy", nil, tried(at(0, 503), at(10, 503), at(20, 503), at(30, 200)),
			"attempt 4 was made: at most 3",
		},
		{
			"after an answer without a policy", nil, tried(file(at(0, 200)), file(at(500, 200))),
			"attempt 2 came after an answer of 200: no other attempt",
		},
		{
			"after an answer at last without a policy", nil,
			tried(file(at(0, 503)), file(at(10, 200)), file(at(500, 200))),
			"attempt 3 came after an answer of 200: no other attempt",
		},
		{"after a 404 without a policy", nil, tried(file(at(0, 404)), file(at(500, 200))), ""},
		{
			"a HEAD twice without a policy", nil, tried(head(file(at(0, 200))), head(file(at(500, 200)))),
			"attempt 2 came after an answer of 200: no other attempt",
		},
		{"HEAD, then GET without a policy", nil, tried(head(file(at(0, 200))), file(at(20, 200))), ""},
		{"a POST twice without a policy", nil, tried(post(file(at(0, 200))), post(file(at(20, 200)))), ""},
		{"another file without a policy", nil, tried(file(at(0, 200)), other(file(at(20, 200)))), ""},
		{"a range without a policy", nil, tried(file(at(0, 200)), part(file(at(20, 206)))), ""},
		{"the whole after a range without a policy", nil, tried(part(file(at(0, 206))), file(at(20, 200))), ""},
		{"at once without a policy", nil, tried(file(at(0, 200)), file(at(5, 200))), ""}, // a hedge
		{"after a corrupt answer without a policy", nil, corrupt(tried(file(at(0, 200)), file(at(20, 200)))), ""},
		{"an answer that says when without a policy", nil, tried(told(file(at(0, 200))), file(at(2100, 200))), ""},
		{"anything else without a policy", nil, tried(at(0, 200), at(10, 404), at(20, 0), post(at(30, 0)),
			post(at(40, 200))), ""},
	} {
		for _, exact := range []bool{true, false} {
			o := oracle.Oracle{
				Attempts: 3, Retry: test.retry, Exact: exact, Epoch: time.Unix(1000, 0),
				Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
			}
			samples := tasks("A:0-10000=200")
			o.Join(samples, test.journal, o.Epoch)
			got := samples[0].Misstep
			if test.want == "" && got != "" || !strings.HasPrefix(got, test.want) || got != "" &&
				!strings.Contains(got, ": ") {
				t.Errorf("%s, exact %v: got %q, want %q", test.name, exact, got, test.want)
			}
		}
	}
}

// TestOtherKey has a client without a policy send a POST again. Where it does
// not know what became of the first, one with another Idempotency-Key may be
// done twice.
func TestOtherKey(t *testing.T) {
	at := func(arrived time.Duration, status int, method string, key uint64) servers.Entry {
		return servers.Entry{
			Arrived: arrived * ms, Status: status, Method: method, IdempotencyKey: key, Received: 7, Digest: 7,
			Idempotent: method == "GET" || key > 0,
		}
	}
	for _, test := range []struct {
		name    string
		journal []servers.Entry
		doubt   bool
	}{
		{"the same key", tried(at(0, 0, "POST", 1), at(500, 200, "POST", 1)), false},
		{"another key", tried(at(0, 0, "POST", 1), at(500, 200, "POST", 2)), true},
		{"another key of a PATCH", tried(at(0, 0, "PATCH", 1), at(500, 200, "PATCH", 2)), true},
		{"no key", tried(at(0, 0, "POST", 0), at(500, 200, "POST", 0)), true},
		{"a key the second time", tried(at(0, 0, "POST", 0), at(500, 200, "POST", 2)), true},
		{"another key after a failure", tried(at(0, 503, "POST", 1), at(500, 200, "POST", 2)), false},
		{"another key after a success", tried(at(0, 200, "POST", 1), at(500, 200, "POST", 2)), false},
		{"another key of a GET", tried(at(0, 0, "GET", 1), at(500, 200, "GET", 2)), false},
	} {
		o := oracle.Oracle{
			Exact: true, Epoch: time.Unix(1000, 0),
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
		}
		samples := tasks("A:0-10000=200")
		o.Join(samples, test.journal, o.Epoch)
		if s := samples[0]; s.Misstep != "" || (s.RetryDoubt != "") != test.doubt {
			t.Errorf("%s: misstep %q, doubt %q, want a doubt: %v", test.name, s.Misstep, s.RetryDoubt, test.doubt)
		}
	}
}

// TestUnnoticed has a client whose timeout is over while the server still works
// for it, and answers in the end. A server does not notice that the client of a
// request has gone before it has read the body.
func TestUnnoticed(t *testing.T) {
	const timeout = 100 * ms
	for _, test := range []struct {
		name string
		next time.Duration // when the next attempt comes
		want string        // the beginning of the misstep
	}{
		{"at its timeout", 100, ""},
		{"after the answer", 160, ""},
		{"after the pause", 130, ""},
		{"too early", 101, "attempt 2 came 1ms after the one before: a pause of 20ms"},
	} {
		late := servers.Entry{Status: 405, Method: "POST", Idempotent: true, IdempotencyKey: 7, Took: 150 * ms}
		next := servers.Entry{Status: 405, Method: "POST", Idempotent: true, IdempotencyKey: 7, Arrived: test.next * ms}
		o := oracle.Oracle{
			Attempts: 2, Timeout: timeout, Exact: true, Epoch: time.Unix(1000, 0),
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, timeout) },
			Retry: &oracle.Retry{On: func(class record.Class, _ int) bool { return class == record.Timeout }},
		}
		if test.name != "at its timeout" {
			o.Retry.Wait = func(int) (least, most time.Duration) { return 20 * ms, 40 * ms }
		}
		samples, journal := tasks("A:0-10000=405"), tried(late, next)
		journal[0].Planned.Latency = 150 * ms
		o.Join(samples, journal, o.Epoch)
		if got := samples[0].Misstep; !strings.HasPrefix(got, test.want) || got != "" && test.want == "" {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// TestPausesCount has the pauses between attempts in what is planned of a task,
// no more of them than the policy allows.
func TestPausesCount(t *testing.T) {
	bounded := &oracle.Retry{
		On:   func(record.Class, int) bool { return true },
		Wait: func(int) (least, most time.Duration) { return 100 * ms, 200 * ms },
	}
	for _, test := range []struct {
		name       string
		retry      *oracle.Retry
		came, told time.Duration // of the second request, after the first
		want       time.Duration
	}{
		{"any pause without a policy", nil, 3 * time.Second, 0, 3 * time.Second},
		{"none without a policy", nil, 0, 0, 0},
		{"within its bounds", bounded, 150 * ms, 0, 150 * ms},
		{"too long", bounded, time.Hour, 0, 200 * ms},
		{"too short", bounded, 0, 0, 100 * ms},
		{"a Retry-After", bounded, 2 * time.Second, 2 * time.Second, 2 * time.Second},
		{"a Retry-After, and longer", bounded, 9 * time.Second, 2 * time.Second, 2 * time.Second},
	} {
		first := servers.Entry{Status: 503, RetryAfter: test.told}
		journal := tried(first, servers.Entry{Status: 200, Arrived: 10*ms + test.came})
		o := oracle.Oracle{
			Attempts: 2, Retry: test.retry, Exact: true, Epoch: time.Unix(1000, 0),
			Plan: func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth: func(e servers.Entry) record.Planned {
				return record.Planned{PlannedClass: record.ClassOf(e.Status), PlannedService: 10 * ms}
			},
		}
		samples := tasks("A:0-9999999=200")
		o.Join(samples, journal, o.Epoch)
		if got := samples[0].PlannedService; got != 20*ms+test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, 20*ms+test.want)
		}
	}
}

// TestMisled has requests follow a redirect as RFC 9110 says, and otherwise.
func TestMisled(t *testing.T) {
	hop := func(n, status int, method string, received int64, digest uint64) servers.Entry {
		return servers.Entry{
			Key: "A", Occurrence: 1, Attempt: 1, Hop: n, Arrived: time.Duration(n) * ms, Took: ms, Status: status,
			Method: method, Received: received, Digest: digest, Met: fault.Redirect, Done: true,
		}
	}
	leaked := hop(1, 200, "GET", 0, 0)
	leaked.Credentials = true
	for _, test := range []struct {
		name    string
		journal []servers.Entry
		want    string // the beginning of the misstep
	}{
		{"302", []servers.Entry{hop(0, 302, "GET", 0, 0), hop(1, 200, "GET", 0, 0)}, ""},
		{"302 after a POST", []servers.Entry{hop(0, 302, "POST", 7, 1), hop(1, 200, "GET", 0, 0)}, ""},
		{"301 by another POST", []servers.Entry{hop(0, 301, "POST", 7, 1), hop(1, 200, "POST", 7, 1)}, ""},
		{"303", []servers.Entry{hop(0, 303, "POST", 7, 1), hop(1, 200, "GET", 0, 0)}, ""},
		{"303 of a HEAD", []servers.Entry{hop(0, 303, "HEAD", 0, 0), hop(1, 200, "HEAD", 0, 0)}, ""},
		{
			"303 by another POST",
			[]servers.Entry{hop(0, 303, "POST", 7, 1), hop(1, 200, "POST", 7, 1)},
			"followed a redirect of 303 by a POST: a GET",
		},
		{"307", []servers.Entry{hop(0, 307, "POST", 7, 1), hop(1, 307, "POST", 7, 1), hop(2, 200, "POST", 7, 1)}, ""},
		{"307 to what reads no body", []servers.Entry{hop(0, 307, "POST", 7, 1), hop(1, 405, "POST", 0, 0)}, ""},
		{
			"308 by a GET",
			[]servers.Entry{hop(0, 308, "POST", 7, 1), hop(1, 200, "GET", 0, 0)},
			"followed a redirect of 308 by a GET: another POST",
		},
		{
			"307 without the body",
			[]servers.Entry{hop(0, 307, "POST", 7, 1), hop(1, 307, "POST", 0, 0), hop(2, 200, "POST", 7, 1)},
			"followed a redirect of 307 by a body of 0 bytes: the same body, of 7 bytes",
		},
		{
			"another body",
			[]servers.Entry{hop(0, 307, "POST", 7, 1), hop(1, 307, "POST", 7, 2)},
			"followed a redirect of 307 by a body of 7 bytes: the same",
		},
		{
			"credentials for another host",
			[]servers.Entry{hop(0, 302, "GET", 0, 0), leaked},
			"followed a redirect to another host with its Authorization or Cookie: a request without",
		},
	} {
		o := oracle.Oracle{
			Epoch: time.Unix(1000, 0),
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
		}
		samples := tasks("A:0-10000=200")
		o.Join(samples, test.journal, o.Epoch)
		if got := samples[0].Misstep; !strings.HasPrefix(got, test.want) || got != "" && test.want == "" {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// TestUncertainAttempts has requests that may be no attempts of the client's:
// it left one, or its transport sent one again.
func TestUncertainAttempts(t *testing.T) {
	at := func(arrived time.Duration, status int) servers.Entry {
		return servers.Entry{Arrived: arrived * ms, Status: status, Counted: true}
	}
	fresh := at(0, 0)
	fresh.Fresh = true
	left := at(0, 200)
	for _, test := range []struct {
		name    string
		left    bool // the first
		journal []servers.Entry
		agrees  bool
		doubt   bool
	}{
		{"left and made again", true, tried(left, at(20, 200)), true, false},
		{"three attempts", false, tried(at(0, 0), at(500, 0), at(2000, 200)), true, false},
		{"three attempts, apart", false, tried(at(0, 0), at(2000, 0), at(4000, 200)), true, false},
		{
			"a fourth that a transport may have made", false,
			tried(at(0, 0), at(10, 0), at(2000, 503), at(4000, 200)), true, true,
		},
		{
			"a fourth, all on connections dialled for them", false,
			tried(fresh, at(10, 0), at(2000, 503), at(4000, 200)), false, false,
		},
		{"a fourth", false, tried(at(0, 503), at(2000, 503), at(4000, 503), at(6000, 200)), false, false},
	} {
		if test.left {
			e := &test.journal[0]
			e.Done, e.Met, e.Gone = false, "", e.Took
		}
		o := oracle.Oracle{
			Attempts: 3, Epoch: time.Unix(1000, 0),
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
		}
		samples := tasks("A:0-10000=200")
		o.Join(samples, test.journal, o.Epoch)
		if s := samples[0]; s.Agrees() != test.agrees || test.agrees && (s.RetryDoubt != "") != test.doubt {
			t.Errorf("%s: agrees %v with %s after %s, doubt %q", test.name, s.Agrees(), s.PlannedClass, s.Did,
				s.RetryDoubt)
		}
	}
}

package scenarios_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// An answer is what a client has of one.
type answer struct {
	status int
	header http.Header
	body   []byte // what came of it
	err    error
	class  record.Class
}

// asking asks gotten, with headers.
func asking(ctx context.Context, c *http.Client, method, url string, headers ...string) (a answer) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return answer{err: err, class: record.Failed}
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		return answer{err: err, class: classify.Class(resp, err)}
	}
	defer resp.Body.Close()
	a = answer{status: resp.StatusCode, header: resp.Header, class: record.ClassOf(resp.StatusCode)}
	if a.body, a.err = io.ReadAll(resp.Body); a.err != nil {
		a.class = classify.Class(resp, a.err)
	}
	return a
}

// reported is what a client says of an answer, or of a file that it has made of
// several.
func reported(a answer, body []byte) record.Seen {
	seen := record.Seen{Class: a.class, Status: a.status}
	if a.class != record.OK {
		seen.Error = fmt.Sprint(a.err)
		return seen
	}
	sum := sha256.Sum256(body)
	seen.Bytes = int64(len(body))
	seen.SetSHA256(sum[:])
	return seen
}

// A getter asks for the file at a URL, in up to three attempts.
type getter func(ctx context.Context, c *http.Client, url string) record.Seen

// gotten asks for all of it.
func gotten(ctx context.Context, c *http.Client, url string) record.Seen {
	a := asking(ctx, c, http.MethodGet, url)
	return reported(a, a.body)
}

// undigested has a getter not compute the digest.
func undigested(get getter) getter {
	return func(ctx context.Context, c *http.Client, url string) record.Seen {
		seen := get(ctx, c, url)
		seen.Digest = ""
		return seen
	}
}

// resuming asks for the rest of what broke off, on the condition that it is
// still the same file, and adds it to what it has as join says.
func resuming(join func(have []byte, rest answer) []byte, ifRange bool) getter {
	return func(ctx context.Context, c *http.Client, url string) record.Seen {
		a := asking(ctx, c, http.MethodGet, url)
		have := a.body
		for range 2 {
			if a.err == nil || len(have) == 0 {
				break
			}
			headers := []string{"Range", fmt.Sprintf("bytes=%d-", len(have))}
			if tag := a.header.Get("Etag"); ifRange && tag != "" {
				headers = append(headers, "If-Range", tag)
			}
			rest := asking(ctx, c, http.MethodGet, url, headers...)
			if rest.status == http.StatusOK || rest.status == http.StatusPartialContent {
				have = join(have, rest)
			}
			a = rest
		}
		return reported(a, have)
	}
}

// rightly takes a whole answer in place of what it has.
func rightly(have []byte, rest answer) []byte {
	if rest.status == http.StatusOK {
		return rest.body
	}
	return append(have, rest.body...)
}

// blindly appends whatever comes.
func blindly(have []byte, rest answer) []byte { return append(have, rest.body...) }

// inParts asks for the head, and then for parts of the file, at once or one
// after another, each up to so many times. It asks for want of three parts,
// each longer by extra.
func inParts(parallel bool, want, extra int, tries ...int) getter {
	const parts = 3
	return func(ctx context.Context, c *http.Client, url string) record.Seen {
		try := func(method string, headers ...string) (a answer) {
			for range append(tries, 1)[0] {
				if a = asking(ctx, c, method, url, headers...); a.class == record.OK {
					break
				}
			}
			return a
		}
		head := try(http.MethodHead)
		var size int
		if fmt.Sscan(head.header.Get("Content-Length"), &size); head.class != record.OK || size == 0 {
			return reported(head, nil)
		}
		var all [parts]answer
		ask := func(i int) {
			from, to := i*size/parts, (i+1)*size/parts-1+extra
			all[i] = try(http.MethodGet, "Range", fmt.Sprintf("bytes=%d-%d", from, to))
			if a := all[i]; a.status == http.StatusOK && len(a.body) > to {
				all[i].body = a.body[from : to+1] // the server knows no ranges
			}
		}
		var wait sync.WaitGroup
		for i := range want {
			if parallel {
				wait.Go(func() { ask(i) })
			} else {
				ask(i)
			}
		}
		wait.Wait()
		var body []byte
		for _, a := range all[:want] {
			if a.class != record.OK {
				return reported(a, nil)
			}
			body = append(body, a.body...)
		}
		return reported(all[0], body)
	}
}

// zipped asks for gzip by itself, and reports the bytes as they came, or as
// they are.
func zipped(inflate bool) getter {
	return func(ctx context.Context, c *http.Client, url string) record.Seen {
		a := asking(ctx, c, http.MethodGet, url, "Accept-Encoding", "gzip")
		if inflate && a.header.Get("Content-Encoding") == "gzip" {
			r, err := gzip.NewReader(bytes.NewReader(a.body))
			if err == nil {
				a.body, err = io.ReadAll(r)
			}
			if err != nil {
				a.class, a.err = record.Malformed, err
			}
		}
		return reported(a, a.body)
	}
}

// verifying compares what it has with the digest that the server sends, and
// asks again as often as times says where it differs.
func verifying(times int) getter {
	return func(ctx context.Context, c *http.Client, url string) record.Seen {
		var seen record.Seen
		for range times {
			a := asking(ctx, c, http.MethodGet, url, "Accept-Encoding", "identity")
			sum := sha256.Sum256(a.body)
			right := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
			if a.class == record.OK && a.header.Get("Repr-Digest") != right {
				a.class, a.err = record.Malformed, fmt.Errorf("the digest is %s", a.header.Get("Repr-Digest"))
			}
			if seen = reported(a, a.body); seen.Class == record.OK {
				break
			}
		}
		return seen
	}
}

// head asks for no body, and counts what count says.
func head(count func(answer) int64) getter {
	return func(ctx context.Context, c *http.Client, url string) record.Seen {
		a := asking(ctx, c, http.MethodHead, url)
		return record.Seen{Class: a.class, Status: a.status, Bytes: count(a)}
	}
}

// changed changes the report of a success.
func changed(get getter, change func(*record.Seen)) getter {
	return func(ctx context.Context, c *http.Client, url string) record.Seen {
		seen := get(ctx, c, url)
		if seen.Class == record.OK {
			change(&seen)
		}
		return seen
	}
}

// TestFiles has clients, right and wrong, that report the bytes of what they
// got, from servers that are right or wrong about it.
func TestFiles(t *testing.T) {
	const (
		fine   = ""
		breaks = "{kind: truncate, attempts: 1}"
		all    = "{kind: ignore_range, rate: 1}"
		whole  = "{kind: truncate, attempts: 1}, {kind: ignore_range, rate: 1}"
		bad    = "{kind: corrupt, rate: 1}"
		badly  = "{kind: corrupt, attempts: 1}"
		more   = "{kind: surplus, rate: 1}"
	)
	contentLength := func(a answer) (n int64) {
		fmt.Sscan(a.header.Get("Content-Length"), &n)
		return n
	}
	short := func(seen *record.Seen) { seen.Bytes -= 7 }
	for _, tt := range []struct {
		name, server, faults string
		attempts             int
		get                  getter
		want                 string // what a violation says; "" if the client is right, "?" if that cannot be known
	}{
		{"plain", "", fine, 1, gotten, ""},
		{"plain, of a text", "body: 64KB, ", fine, 1, gotten, ""},
		{"plain, of an empty text", "body: 0B, ", fine, 1, gotten, ""},
		{"plain, and more is sent", "", more, 1, gotten, ""},
		{"plain, and ranges are ignored", "", all, 1, gotten, ""},
		{"plain, tries again", "", breaks, 2, verifying(2), ""},
		{"too few", "", fine, 1, changed(gotten, short), "BR 4452 bytes, the length of the file"},
		{"too few, and more is sent", "", more, 1, changed(gotten, short), "BR 4452 bytes, the length of the file"},
		{"counts more than is right", "", more, 1, changed(undigested(gotten), func(seen *record.Seen) {
			seen.Bytes++
		}), "BR 4452 bytes"},
		{"another digest", "", fine, 1, changed(gotten, func(seen *record.Seen) {
			seen.SetSHA256(make([]byte, sha256.Size))
		}), "bytes that are not those of the file"},
		{"another form of the digest", "", fine, 1, changed(gotten, func(seen *record.Seen) {
			seen.Digest = "md5:0123"
		}), "sha256:"},
		{"an empty text with bytes", "body: 0B, ", fine, 1, changed(undigested(gotten), func(seen *record.Seen) {
			seen.Bytes = 1
		}), "0 bytes, as there was no body to read"},

		{"resumes", "", breaks, 3, resuming(rightly, false), ""},
		{"resumes if unchanged", "", breaks, 3, resuming(rightly, true), ""},
		{"resumes, ranges ignored", "", whole, 3, resuming(rightly, false), ""},
		{"resumes if unchanged, ranges ignored", "", whole, 3, resuming(rightly, true), ""},
		{"resumes a text", "body: 64KB, ", breaks, 3, resuming(rightly, true), ""},
		{"resumes blindly", "", breaks, 3, resuming(blindly, false), ""},
		{
			"resumes blindly, ranges ignored", "", whole, 3, undigested(resuming(blindly, false)),
			"BR 4452 bytes, the length of the file; the server answered a request for a part of it with status 200",
		},
		{
			"reports the rest alone", "", breaks, 3,
			changed(undigested(resuming(rightly, false)), func(seen *record.Seen) { seen.Bytes = 2226 }),
			"BR 4452 bytes, the length of the file",
		},

		{"parts at once", "", fine, 1, inParts(true, 3, 0), ""},
		{"parts one by one", "", fine, 1, inParts(false, 3, 0), ""},
		{"parts one by one, of three attempts", "", fine, 3, inParts(false, 3, 0), ""},
		{"parts at once of a text", "body: 64KB, ", fine, 1, inParts(true, 3, 0), ""},
		{"parts at gotten, ranges ignored", "", all, 1, inParts(true, 3, 0), ""},
		{"parts that overlap", "", fine, 1, undigested(inParts(true, 3, 1)), "BR 4452 bytes, the length of the file"},
		{"parts but the last", "", fine, 1, inParts(true, 2, 0), "?"},
		{"parts but the last, uncounted", "", fine, 1, changed(inParts(true, 2, 0), func(seen *record.Seen) {
			seen.Bytes, seen.Digest = 0, ""
		}), ""},

		{"gzip by hand, inflated", "body: 64KB, ", fine, 1, zipped(true), ""},
		{"gzip by hand, as it comes", "body: 64KB, ", fine, 1, zipped(false), ""},
		{
			"gzip by hand, too few", "body: 64KB, ", fine, 1, changed(zipped(false), short),
			"64000 bytes, the length of the file",
		},
		{
			"gzip by hand, doubled", "body: 64KB, ", fine, 1,
			changed(zipped(true), func(seen *record.Seen) { seen.Bytes *= 2 }), "64000 bytes, the length of the file",
		},
		{"gzip by hand, corrupt", "body: 64KB, ", bad, 1, undigested(zipped(true)), ""},

		{"a head", "", fine, 1, head(func(answer) int64 { return 0 }), ""},
		{"a head, corrupt", "", bad, 1, head(func(answer) int64 { return 0 }), ""},
		{"a head with bytes", "", fine, 1, head(contentLength), "0 bytes, as there was no body to read"},

		{"corrupt, unnoticed", "", bad, 1, undigested(gotten), ""},
		{"corrupt, unnoticed, of three attempts", "", badly, 3, undigested(gotten), ""},
		{"corrupt, noticed", "", bad, 1, verifying(1), ""},
		{"corrupt, noticed, of a text", "body: 64KB, ", bad, 1, verifying(1), ""},
		{"corrupt, noticed, and tried again", "", badly, 3, verifying(3), ""},
		{"corrupt, noticed thrice", "", bad, 3, verifying(3), ""},
		{"corrupt, noticed, and given up", "", badly, 3, verifying(1), "BR ok"},
		{"corrupt, by its digest", "", bad, 1, gotten, "BR sha256:"},
		{"corrupt, too few", "", bad, 1, changed(undigested(gotten), short), "BR 4452 bytes"},
		{"corrupt, said to be cut off", "", bad, 1, func(ctx context.Context, c *http.Client, url string) record.Seen {
			gotten(ctx, c, url)
			return record.Seen{Class: record.Truncated}
		}, "BR ok (after corrupt)"},
		{"not corrupt, said to be", "", fine, 1, func(ctx context.Context, c *http.Client, url string) record.Seen {
			gotten(ctx, c, url)
			return record.Seen{Class: record.Malformed}
		}, "BR ok"},
	} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
			func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				return tt.get(ctx, s.Client(), s.URL()+servers.FlagPath(key))
			})}}
		for _, world := range []string{"virtual http", "real http", "virtual h2"} {
			clock, protocol, _ := strings.Cut(world, " ")
			if protocol == "h2" && (strings.Contains(tt.faults, "truncate") || tt.faults == more) {
				continue
			}
			t.Run(tt.name+"/"+world, func(t *testing.T) {
				s := parsed(t, v, fmt.Sprintf(`name: one
clock: %s
server: {%sprotocol: %s, latency: 1ms, faults: [%s]}
workload: {task: fetch, flags: [BR, CN], attempts: %d}
executors: [{kind: pool, workers: 2}]
`, clock, tt.server, protocol, tt.faults, tt.attempts))
				rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
				if err != nil {
					t.Fatal(err)
				}
				var said, doubts string
				for _, v := range rec.Violations {
					said += cmp.Or(v.Got, "?") + " instead of " + v.Want
				}
				for _, v := range rec.Inconclusive {
					doubts += v.Got
				}
				right := said == "" && (doubts != "") == (tt.want == "?")
				if tt.want != "" && tt.want != "?" {
					right = strings.Contains(said, tt.want) && doubts == ""
				}
				if !right {
					t.Errorf("got %q, in doubt %q, want %q: %+v", said, doubts, tt.want, rec.Samples[0])
				}
			})
		}
	}
}

// TestPartsAgain has clients that ask for parts, at once or one after another,
// and try each of them again up to the number of attempts.
func TestPartsAgain(t *testing.T) {
	lacking := func(get getter) getter { // takes what it has for the file
		return func(ctx context.Context, c *http.Client, url string) record.Seen {
			seen := get(ctx, c, url)
			if seen.Class == record.Status {
				seen = record.Seen{Class: record.OK, Status: http.StatusPartialContent, Bytes: 2968}
			}
			return seen
		}
	}
	for _, tt := range []struct {
		name  string
		get   getter
		wrong bool
	}{
		{"one by one", inParts(false, 3, 0, 3), false},
		{"at once", inParts(true, 3, 0, 3), false},
		{"one by one, and too few attempts", inParts(false, 3, 0, 2), true},
		{"one by one, and a part is lacking", lacking(inParts(false, 3, 0, 3)), true},
		{"at once, and a part is lacking", lacking(inParts(true, 3, 0, 3)), true},
	} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
			func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				return tt.get(ctx, s.Client(), s.URL()+servers.FlagPath(key))
			})}}
		for _, clock := range []string{"virtual", "real"} {
			for _, fault := range []string{"{kind: status, status: 503, rate: 0.4}", "{kind: truncate, rate: 0.4}"} {
				accused := 0
				for seed := range 4 {
					s := parsed(t, v, fmt.Sprintf(`name: one
seed: %d
clock: %s
server: {latency: "uniform(1ms, 4ms)", faults: [%s]}
workload: {task: fetch, flags: top20, attempts: 3}
executors: [{kind: pool, workers: 5}]
`, seed, clock, fault))
					rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
					if err != nil {
						t.Fatal(err)
					}
					if accused += len(rec.Violations); !tt.wrong && len(rec.Violations)+len(rec.Inconclusive) > 0 {
						t.Errorf("%s, %s, %s, seed %d: accused of %v, in doubt about %v", tt.name, clock, fault, seed,
							rec.Violations, rec.Inconclusive)
						for _, v := range rec.Violations {
							t.Log(strings.Join(v.Requests, "\n"))
						}
					}
				}
				if tt.wrong && accused == 0 && !strings.Contains(fault, "truncate") {
					t.Errorf("%s, %s, %s: not accused", tt.name, clock, fault)
				}
			}
		}
	}
}

package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teapot-go/teapot/harness"
)

// TestMatrix counts a client that is right but for two of three truncated bodies, one of which it took for success.
func TestMatrix(t *testing.T) {
	sample := func(did string, class, planned harness.Class) harness.Sample {
		return harness.Sample{Did: did, Seen: harness.Seen{Class: class}, Planned: harness.Planned{PlannedClass: planned}}
	}
	r := &harness.Recording{Scenario: "s", Executor: "pool", Workers: 2, Samples: []harness.Sample{
		sample("unasked", harness.Lost, harness.OK),
		sample("truncate", harness.OK, harness.Truncated),
		sample("truncate", harness.Truncated, harness.Truncated),
		sample("truncate", harness.Reset, harness.Truncated),
		sample("nothing", harness.Timeout, harness.Timeout),
		sample("none", harness.OK, harness.OK),
		sample("none", harness.OK, harness.OK),
		sample("none", harness.NotFound, harness.NotFound),
		sample("empty", harness.Reset, harness.Reset),
		sample("empty", "sulk", harness.Reset), // of a later release
		sample("", harness.OK, harness.Failed), // without a journal
	}}
	want := &matrix{
		Columns: []harness.Class{harness.OK, harness.NotFound, harness.Timeout, harness.Reset, harness.Truncated, harness.Lost, "sulk"},
		Rows: []deed{
			{"none", []said{{2, 0}, {1, 0}, {}, {}, {}, {}, {}}},
			{"empty", []said{{}, {}, {}, {1, 0}, {}, {}, {1, 1}}},
			{"truncate", []said{{1, 1}, {}, {}, {1, 1}, {1, 0}, {}, {}}},
			{"nothing", []said{{}, {}, {1, 0}, {}, {}, {}, {}}},
			{"unasked", []said{{}, {}, {}, {}, {}, {1, 1}, {}}},
		},
		Wrong: 4,
		Notes: []string{"client left first: " + notes["nothing"], "no request came: " + notes["unasked"]},
	}
	if diff := cmp.Diff(want, confuse(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	text := render(t, Text([]*harness.Recording{r}))
	for _, line := range []string{
		"s on pool/2: what the server did × what the client said",
		"                              ok  not_found    timeout      reset  truncated       lost       sulk",
		"    no fault                   2          1          .          .          .          .          .",
		"    truncate                  !1          .          .         !1          1          .          .",
		"    no request came            .          .          .          .          .         !1          .",
		"    (no request came: the server was not asked for this key, or not at the attempt that decides)",
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	page := render(t, HTML(testHost, []*harness.Recording{r}))
	if !strings.Contains(page, `<th scope="row"><span class="name"><bdi>truncate</bdi></span></th><td><strong class="bad">1</strong></td><td></td>`) {
		t.Error("the page does not mark what is wrong")
	}
	if note := "client left first: the client went away before"; !strings.Contains(page, note) {
		t.Errorf("the page does not explain: no %q", note)
	}
	for _, jargon := range []string{"nothing ", "unasked", "none "} {
		if strings.Contains(text, "    "+jargon) || strings.Contains(page, "<bdi>"+strings.TrimSpace(jargon)+"</bdi>") {
			t.Errorf("a row says %q", jargon)
		}
	}
	r.Samples = r.Samples[10:]
	if confuse(r) != nil {
		t.Error("a table of truth without a journal")
	}
}

// TestSaidOnce wants the number of runs and violations in the headline and nowhere beneath it.
func TestSaidOnce(t *testing.T) {
	r := &harness.Recording{Scenario: "s", Executor: "pool", Violations: []harness.Violation{{Check: "p99"}}, Warnings: []string{"a doubt"}}
	page := render(t, HTML(testHost, []*harness.Recording{r}))
	if !strings.Contains(page, "1 violation in 1 run</h1>") || strings.Contains(page, "1 run, 1 violation") || !strings.Contains(page, ">1 warning</p>") {
		t.Error("the page says twice how many runs and violations there are, or nowhere that there is a warning")
	}
}

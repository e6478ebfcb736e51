package told

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/summary"
)

// A verdict is what /verdict answers with.
type verdict struct {
	Format       string                          `json:"format"`
	Verdict      string                          `json:"verdict"` // ok, violated or inconclusive
	Reports      int                             `json:"reports"`
	Classes      map[record.Class]int            `json:"classes"`
	Truth        map[string]map[record.Class]int `json:"truth"`
	Violations   []record.Violation              `json:"violations"`
	Inconclusive []record.Violation              `json:"inconclusive"`
}

// verdict answers with the verdict on what was told until now.
func (l *Ledger) verdict(w http.ResponseWriter, r *http.Request) {
	rec := l.Judge(r.Context())
	v := verdict{
		Format: "teapot.verdict/1", Verdict: "ok", Reports: len(rec.Samples), Classes: rec.Classes, Truth: rec.Truth,
		Violations: rec.Violations, Inconclusive: append([]record.Violation{}, rec.Inconclusive...),
	}
	switch sum := summary.Sum([]*record.Recording{rec}); {
	case sum.Violations > 0:
		v.Verdict = "violated"
	case sum.Inconclusive > 0:
		v.Verdict = "inconclusive"
	}
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(v) // the visitor may have gone away
}

// page answers with the HTML report.
func (l *Ledger) page(w http.ResponseWriter, r *http.Request) {
	rec := l.Judge(r.Context())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	host := reports.ThisHost(time.Now())
	_ = html.Report(host, []*record.Recording{rec})(w) // the visitor may have gone away
}

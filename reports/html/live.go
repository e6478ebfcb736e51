package html

import (
	"html/template"
	"io"

	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/charts"
)

// Underway is what a live page shows of a run that is under way.
type Underway struct {
	Name   string         // of the run
	Facts  []Fact         // what is known of it now
	Course *charts.Course // nil before it has one
	Over   []Ended        // the runs before it

	// WorkerHead and Workers are a table of the processes that run its tasks,
	// if others do.
	WorkerHead []string
	Workers    []Worker
}

// A Worker is a row of a table of workers. One that is ill is marked.
type Worker struct {
	Cells []string
	Ill   bool
}

// An Ended is a run that is over.
type Ended struct {
	Name, Verdict string
	Good          bool
}

// Live reports a page that shows what its server sends as events, and goes to
// the report when that is there. The server has what [Underway.Report] writes
// as the event "underway", and as the event "report" the path of the report,
// both at the path events.
func Live(events string) reports.Reporter {
	script := liveScript(events)
	return func(w io.Writer) error {
		return pageTemplate.ExecuteTemplate(w, "live", &page{
			Style: template.CSS(style), Script: template.JS(script), Verdict: "A run is under way",
			Policy: policy(script) + "; connect-src 'self'",
		})
	}
}

// Report reports the part of a live page that changes.
func (u Underway) Report(w io.Writer) error { return pageTemplate.ExecuteTemplate(w, "underway", u) }

func liveScript(events string) string {
	return `"use strict";
const now = document.getElementById("now");
const state = document.getElementById("state");
const events = new EventSource(` + "`" + events + "`" + `);
events.addEventListener("underway", e => { now.innerHTML = JSON.parse(e.data); state.textContent = ""; });
events.addEventListener("report", e => { events.close(); location.replace(JSON.parse(e.data)); });
events.addEventListener("end", e => { events.close(); state.textContent = JSON.parse(e.data); });
events.onerror = () => { state.textContent = "teapot does not answer: the run has ended, or was stopped."; };
`
}

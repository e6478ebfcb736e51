package html_test

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/html"
)

func ExampleReport() {
	var recordings []*record.Recording // of harness.Run, or of reports.Read
	if err := reports.WriteFile("report.html", html.Report(reports.ThisHost(time.Now()), recordings)); err != nil {
		fmt.Println(err)
	}
}

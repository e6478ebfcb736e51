package formats

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// gitLabReport is the file in which GitLab's documentation has a job leave its
// report of code quality.
const gitLabReport = "gl-code-quality-report.json"

// inGitLab writes the report of code quality into the folder of the checkout.
// What is there of other scenarios' files, by another command of the job, stays
// in it.
func inGitLab(getenv func(string) string, recs []*record.Recording) error {
	project := getenv("CI_PROJECT_DIR")
	file := filepath.Join(project, gitLabReport)
	place := inWorkspace(project)
	issues := issuesOf(recs, place)
	own := map[string]bool{}
	for _, r := range recs {
		own[pathOf(r.File, place)] = true
	}
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var earlier []issue
	if json.Unmarshal(before, &earlier) == nil { // a file of something else is replaced
		for _, i := range earlier {
			if !own[i.Location.Path] {
				issues = append(issues, i)
			}
		}
	}
	return reports.WriteFile(file, writeIssues(issues))
}

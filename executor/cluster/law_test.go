package cluster_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/executor/executortest"
)

// excepted are the rows of the law that this executor cannot have, and why, as
// the documentation of package executortest says. Those tests cannot import
// this package, as then every program that tests an executor would need NATS.
func excepted(t *testing.T) executortest.Except {
	t.Helper()
	text, err := os.ReadFile("../executortest/executortest.go")
	if err != nil {
		t.Fatal(err)
	}
	notes := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^//\t\((\w+)\) (.+)$`).FindAllStringSubmatch(string(text), -1) {
		notes[m[1]] = m[2]
	}
	except, rows := executortest.Except{}, 0
	last := regexp.MustCompile(`(?m)^//\t(\d+) .* (has|– \((\w+)\))$`) // the column of this executor
	for _, m := range last.FindAllStringSubmatch(string(text), -1) {
		row, _ := strconv.Atoi(m[1])
		if rows++; m[2] != "has" {
			except[row] = notes[m[3]]
		}
	}
	if !strings.Contains(string(text), " cluster\n") || rows < 85 {
		t.Fatalf("the table has %d rows, want 85 with a last column cluster", rows)
	}
	return except
}

// without removes the rows that are not among the checks.
func without(except executortest.Except, checks []executortest.Check) executortest.Except {
	some := executortest.Except{}
	for _, c := range checks {
		if why := except[c.Row]; why != "" {
			some[c.Row] = why
		}
	}
	return some
}

var openHere = executortest.StandInHere(func(workers int) (executor.Executor, error) {
	return cluster.New(cluster.Config{Workers: workers})
})

func TestLaw(t *testing.T) {
	executortest.Run(t, openHere, without(excepted(t), executortest.Checks()))
}

func TestLawInBubble(t *testing.T) {
	except := excepted(t)
	for _, c := range executortest.Checks() {
		if except[c.Row] != "" {
			continue
		}
		t.Run(fmt.Sprint(c.Row, " ", c.Name), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := c.Run(ctx, openHere); err != nil {
					t.Errorf("%v\n\tlaw: %s", err, c.Law)
				}
			})
		})
	}
}

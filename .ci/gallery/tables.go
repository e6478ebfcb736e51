package main

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// made is the command that makes the page.
const made = "go -C .ci/gallery run . -seeds 1000 -real 104 -o ../../docs/gallery.md"

// page is the page of docs, with both tables.
func page(correct, wrong []result) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Gallery of clients

For those who want to know whether to believe a verdict: what teapot says of real clients, correct ones and wrong ones.

The tables are made by one run of `+"`%s`"+`, which is `+"`make gallery`"+`. The clients are in [.ci/gallery](../.ci/gallery), each
written as its library's documentation shows, with teapot's public packages alone.

## Correct clients

Each run is one client in one world, with a seed of its own: eight tasks on a pool of four workers. The worlds are each kind of
[fault](faults.md), on 40 %% of the requests, and mixtures of them: faults of the first attempts, outages, slow answers and slow bodies,
tasks that share a URL, large bodies, limits, TLS and HTTP/2. No correct client may be accused. A run is *inconclusive* where teapot
[cannot know](verdicts.md).

| client | clock | worlds | runs | accused | inconclusive |
|---|---|---|---|---|---|
`, made)
	for _, r := range correct {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d |\n", r.title(), r.clock, r.worlds, r.runs, r.accused,
			r.inconclusive)
	}
	b.WriteString(findings(correct) + "\n" + leftOut(correct) + `
## Wrong clients

Each client meets one world, with another seed in each run. Some of the libraries are wrong as they are, without a change: their rows
have a version.

| client | found in | by | what teapot says of the first run |
|---|---|---|---|
`)
	for _, r := range wrong {
		by, said := strings.Join(slices.Sorted(maps.Keys(r.found)), ", "), short(r.first)
		if r.missed != "" {
			said = "not found yet: " + r.missed
		}
		if r.caveat != "" {
			said += " (" + r.caveat + ")"
		}
		fmt.Fprintf(&b, "| %s | %d of %d | %s | %s |\n", r.title(), r.accused, r.runs, cmp.Or(by, "–"), said)
	}
	return b.String()
}

// title is the name of a client, with the version of its library.
func (r result) title() string {
	if r.library == "" {
		return strings.Replace(r.name, "net/http", "net/http "+runtime.Version(), 1)
	}
	name, rest, _ := strings.Cut(r.name, ",")
	return strings.TrimSuffix(name+" "+version(r.library)+","+rest, ",")
}

// version returns the version of a module that the program is built with.
func version(module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, m := range info.Deps {
		if m.Path == module {
			return strings.TrimPrefix(m.Version, "v")
		}
	}
	return ""
}

// findings lists what was said of correct clients.
func findings(correct []result) string {
	var b strings.Builder
	for _, r := range correct {
		for _, said := range r.said {
			fmt.Fprintf(&b, "- %s\n", said)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "\nWhat was found:\n\n" + b.String()
}

// leftOut says what was left out, and what is said of retries.
func leftOut(all []result) string {
	var b strings.Builder
	b.WriteString("What was left out:\n\n" +
		"- Worlds that turn requests away are for the polite client. It tries again until it is let in.\n" +
		"- TLS, HTTP/2 and long waits for a rate limit are tried under the virtual clock alone.\n")
	said := map[string]bool{}
	for _, r := range all {
		if r.realOnly != "" && !said[r.name] {
			fmt.Fprintf(&b, "- %s runs under the real clock alone: %s.\n", r.name, r.realOnly)
		}
		if said[r.name] {
			continue
		}
		said[r.name] = true
		reasons := map[string][]string{}
		for _, w := range worlds() {
			if why := r.reason(w); why != "" {
				reasons[why] = append(reasons[why], w.name)
			}
		}
		for _, why := range slices.Sorted(maps.Keys(reasons)) {
			fmt.Fprintf(&b, "- %s, in the worlds %s: %s.\n", r.name, strings.Join(reasons[why], ", "), why)
		}
	}
	b.WriteString(policies(all))
	return b.String()
}

// policies lists what scenarios say of the clients' retries.
func policies(all []result) string {
	var b strings.Builder
	b.WriteString("\nWhat the scenario says of retries:\n\n")
	var streams []string
	said := map[string]bool{}
	for _, r := range all {
		if r.policy == "" || said[r.name] {
			continue
		}
		said[r.name] = true
		fmt.Fprintf(&b, "- %s: `%s`\n", r.name, r.policy)
		if r.streams {
			streams = append(streams, r.name)
		}
	}
	if len(streams) > 0 {
		fmt.Fprintf(&b, "\nThe caller reads the body, and a failure within it is final, with: %s. "+
			"A policy cannot say that yet.\n"+
			"Where bodies fail, other than by their truncation, the scenario says nothing of their retries.\n",
			strings.Join(streams, "; "))
	}
	return b.String()
}

// short is the first part of a finding, as a cell of a table.
func short(text string) string {
	const most = 180
	text = strings.ReplaceAll(text, "|", `\|`)
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + " …"
	}
	return text
}

// Command clients has HTTP clients that people use meet every fault of package
// servers, and prints what each of them reported, as a Markdown table.
//
//	go run . [-o FILE]
//
// It needs curl, wget, node, and python3 with httpx; a client that is missing
// is an error, so that the table is never a part of itself.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/flags"
)

// patience is the timeout that every client is given; a fault without an end
// takes as long.
const patience = time.Second

// key is the flag that everybody asks for.
const key = "BR"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	set := flag.NewFlagSet("clients", flag.ContinueOnError)
	set.SetOutput(errs)
	file := set.String("o", "", "write the table to `FILE` instead of standard output")
	if set.Parse(args) != nil {
		return 2
	}
	clients, err := known()
	if err != nil {
		fmt.Fprintln(errs, "clients:", err)
		return 2
	}
	text, err := table(context.Background(), clients)
	if err != nil {
		fmt.Fprintln(errs, "clients:", err)
		return 1
	}
	if *file == "" {
		fmt.Fprint(out, text)
		return 0
	}
	if err := os.WriteFile(*file, []byte(text), 0o666); err != nil {
		fmt.Fprintln(errs, "clients:", err)
		return 1
	}
	return 0
}

const head = `# What clients make of each fault

Each client asks for one flag, over HTTP/1.1 and a fresh connection, with a timeout of %v; the flag has %d bytes. *class* is what a correct
client reports. **✗** marks an answer that the client took for complete and right although it was not, ×n that it sent the request n times by
itself (the hops of a redirect are not counted).

` + "`refused_stream` and `go_away_unprocessed`" + ` are met over HTTP/2 without TLS, by the clients that speak it. *class* is that of a client that does
not send the request again; one that does so gets the answer.

The table is made by ` + "`go -C .ci/clients run . -o ../../servers/fault/CLIENTS.md`" + `.

`

func table(ctx context.Context, clients []client) (string, error) {
	image, _ := flags.GIF(key)
	var b strings.Builder
	fmt.Fprintf(&b, head, patience, len(image))
	b.WriteString("| fault | class |")
	for _, c := range clients {
		fmt.Fprintf(&b, " %s |", c.name)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(clients)) + "\n")
	for _, kind := range append([]fault.Kind{fault.None}, fault.Kinds()...) {
		row, err := meet(ctx, kind, clients, len(image))
		if err != nil {
			return "", fmt.Errorf("%s: %w", kind, err)
		}
		b.WriteString(row)
	}
	b.WriteString("\nVersions:")
	for i, c := range clients {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " %s %s", c.name, c.version)
	}
	b.WriteString(".\n")
	return b.String(), nil
}

// meet is the row of one fault.
func meet(ctx context.Context, kind fault.Kind, clients []client, whole int) (string, error) {
	var b strings.Builder
	for i, c := range clients {
		plan := servers.Plan{}
		if kind != fault.None {
			f := servers.Fault{Kind: kind, Rate: 1}
			if kind == fault.Status {
				f.Status = 503
			}
			plan.Faults = []servers.Fault{f}
		}
		get := c.get
		if !kind.HTTP1() {
			get = c.http2
		}
		server, err := servers.Start(servers.Config{Plan: plan, HTTP2: !kind.HTTP1()})
		if err != nil {
			return "", err
		}
		if i == 0 {
			fmt.Fprintf(&b, "| `%s` | %s |", kind, oracle.Truth(plan.Fate(key, 1), patience).PlannedClass)
		}
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		said := verdict{text: "—"}
		if get != nil {
			said = get(ctx, server.URLFor(key, 1)+servers.FlagPath(key))
		}
		cancel()
		if err := server.Close(); err != nil {
			return "", err
		}
		truth := oracle.Truth(plan.Fate(key, 1), patience).PlannedClass
		if kind.Unprocessed() && sent(server) > 1 {
			truth = record.OK
		}
		fmt.Fprintf(&b, " %s |", cell(said, truth, whole, sent(server)))
	}
	return b.String() + "\n", nil
}

// sent is how often the request came to the server, or to the address where it
// is refused.
func sent(server *servers.Server) int {
	return len(slices.DeleteFunc(server.Journal(), func(e servers.Entry) bool {
		return e.Met.Chain() || e.Planned.Fault.BeforeRequest()
	}))
}

func cell(said verdict, truth record.Class, whole, times int) string {
	text := said.text
	if said.status/100 == 2 && (truth != record.OK || said.bytes != whole) {
		text = "**✗** " + text
	}
	if times > 1 {
		text += fmt.Sprintf(" ×%d", times)
	}
	return text
}

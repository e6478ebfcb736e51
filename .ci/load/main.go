// Command load compares the load generators of the machine in one run: what a
// request costs each of them, how even its arrivals are, and what it says of a
// server that stops for a second.
//
//	go run .
//
// The server has one CPU and the client another. The contenders take turns, and
// each figure is the median of several rounds. It is a separate module, so that
// users of teapot do not inherit anything.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

const (
	conns = 100
	limit = 4 * time.Minute // of the whole run, without the tools that must be built first
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errs io.Writer) int {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(errs)
	rounds := flags.Int("rounds", 3, "how many turns each contender has")
	length := flags.Duration("for", 2*time.Second, "how long a turn takes")
	as := flags.String("as", "", "what this process is: serve, bare, own; for the program itself")
	at := flags.String("url", "", "the server, for -as bare and own")
	rate := flags.Float64("rate", 0, "of -as own")
	if flags.Parse(args) != nil {
		return 2
	}
	err := func() error {
		switch *as {
		case "serve":
			return serve(in, out)
		case "bare":
			return bare(*at, conns, *rounds)
		case "own":
			p99, err := own(*at, conns, *rounds, *rate, *length)
			fmt.Fprintln(out, "p99", p99)
			return err
		}
		return compare(out, *rounds, *length)
	}()
	if err != nil {
		fmt.Fprintln(errs, "load:", err)
		return 1
	}
	return 0
}

// A contender is a generator that is there.
type contender struct {
	name    string
	command func(l load, url string) []string
	p99     func(out string) (time.Duration, bool)
	open    bool
}

func contenders(out io.Writer, self string) []contender {
	const requests = "20000" // of those that are asked for a number of requests
	all := []contender{
		{
			name: "teapot", open: true, p99: after(`p99 (\S+)`), command: func(l load, url string) []string {
				return []string{
					self, "-as", "own", "-url", url, "-rounds", requests, "-rate", fmt.Sprint(l.rate), "-for",
					l.length.String(),
				}
			},
		},
		{name: "bare net/http", command: func(_ load, url string) []string {
			return []string{self, "-as", "bare", "-url", url, "-rounds", requests}
		}},
	}
	for _, t := range tools {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		path, err := t.find(ctx)
		cancel()
		if err != nil {
			fmt.Fprintf(out, "without %s: %v\n", t.name, err)
			continue
		}
		all = append(all, contender{t.name, func(l load, url string) []string {
			return t.command(path, l, url+"/br/br.gif")
		}, t.p99, t.open})
	}
	return all
}

// compare runs all contenders and prints the tables.
func compare(out io.Writer, rounds int, length time.Duration) error {
	if runtime.NumCPU() < 2 {
		return errors.New("one CPU: the server and the client need one each")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	all := contenders(out, self)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	server, stop, err := start(ctx, self)
	if err != nil {
		return err
	}
	defer stop()
	b := bench{ctx: ctx, server: server, rounds: rounds}
	after := func() error {
		_, err := fmt.Fprintf(out, "load after %s\n", loadAverage())
		return err
	}
	fmt.Fprintf(out, "%s, server on CPU 0, client on CPU 1, medians of %d rounds of %v, load before %s\n\n",
		runtime.Version(), rounds, length, loadAverage())
	err = errors.Join(b.closed(out, all, length), b.opened(out, all, length), b.frozen(out, all), after())
	if ctx.Err() != nil {
		return fmt.Errorf("the %v of the run are over, and what is missing above was not measured: want a machine "+
			"that is less busy, or -rounds 1", limit)
	}
	return err
}

// loadAverage is how busy the machine is: its load over the last minute.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// start starts the server on its CPU.
func start(ctx context.Context, self string) (url string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, "taskset", "-c", "0", self, "-as", "serve")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	stop = func() { in.Close(); _ = cmd.Wait() }
	if err != nil {
		stop()
		return "", nil, err
	}
	return "http://" + strings.TrimSpace(addr), stop, nil
}

type bench struct {
	ctx    context.Context
	server string
	rounds int
}

// A turn is what came of one turn of a contender.
type turn struct {
	cpu time.Duration // a request
	at  []time.Duration
	out string
}

// turn has a contender make a load, on its CPU.
func (b bench) turn(c contender, l load) (turn, error) {
	if err := b.ask("/reset", nil); err != nil {
		return turn{}, err
	}
	args := append([]string{"-c", "1"}, c.command(l, b.server)...)
	cmd := exec.CommandContext(b.ctx, "taskset", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		return turn{}, fmt.Errorf("%s: %w: %.300s", c.name, err, stderr.String())
	}
	t := turn{out: string(text) + stderr.String()} // fortio prints to the latter
	if err := b.ask("/arrivals", &t.at); err != nil {
		return turn{}, err
	}
	used := cmd.ProcessState.SystemTime() + cmd.ProcessState.UserTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		used = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	t.cpu = used / time.Duration(max(len(t.at), 1))
	return t, nil
}

// ask asks the server itself for something.
func (b bench) ask(path string, into any) error {
	r, err := http.NewRequestWithContext(b.ctx, http.MethodGet, b.server+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// median returns the median of what f makes of a contender's turns.
func median[T cmp.Ordered](turns []turn, f func(turn) T) T {
	var all []T
	for _, t := range turns {
		all = append(all, f(t))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// turns has all contenders take turns.
func (b bench) turns(all []contender, l load) (map[string][]turn, error) {
	turns := map[string][]turn{}
	for range b.rounds {
		for _, c := range all {
			t, err := b.turn(c, l)
			if err != nil {
				return nil, err
			}
			turns[c.name] = append(turns[c.name], t)
		}
	}
	return turns, nil
}

// table prints rows, each of which is a contender's.
func table(out io.Writer, head string, all []contender, row func(c contender) string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, head)
	for _, c := range all {
		fmt.Fprintf(w, "%s\t%s\n", c.name, row(c))
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// closed compares what a request costs the client.
func (b bench) closed(out io.Writer, all []contender, length time.Duration) error {
	turns, err := b.turns(all, load{conns: conns, length: length})
	if err != nil {
		return err
	}
	cost := func(c string) time.Duration { return median(turns[c], func(t turn) time.Duration { return t.cpu }) }
	return table(out, fmt.Sprintf("closed, %d connections\tclient CPU a request\tteapot's share of it", conns), all,
		func(c contender) string {
			share := float64(cost("teapot")) / float64(cost(c.name))
			return fmt.Sprintf("%.1f µs\t%.2f", float64(cost(c.name))/1000, share)
		})
}

// opened compares how even arrivals are.
func (b bench) opened(out io.Writer, all []contender, length time.Duration) error {
	all = slices.DeleteFunc(slices.Clone(all), func(c contender) bool { return !c.open })
	for _, rate := range []int{1000, 10_000} {
		turns, err := b.turns(all, load{conns: conns, rate: rate, length: length})
		if err != nil {
			return err
		}
		p := func(c string, which int) time.Duration {
			return median(turns[c], func(t turn) time.Duration {
				p50, p99 := deviation(t.at, float64(rate))
				return []time.Duration{p50, p99}[which]
			})
		}
		if err := table(out, fmt.Sprintf("open, %d/s\tdeviation p50\tp99\tteapot's share\t\tsent", rate), all,
			func(c contender) string {
				share := func(which int) float64 { return float64(p("teapot", which)) / float64(p(c.name, which)) }
				sent := median(turns[c.name], func(t turn) int { return len(t.at) })
				return fmt.Sprintf("%v\t%v\t%.2f\t%.2f\t%.1f %%", p(c.name, 0), p(c.name, 1), share(0), share(1),
					100*float64(sent)/float64(rate)/length.Seconds())
			}); err != nil {
			return err
		}
	}
	return nil
}

// frozen compares what is said of a server that stops for a second.
func (b bench) frozen(out io.Writer, all []contender) error {
	const rate, length, stop = 1000, 5 * time.Second, time.Second
	all = slices.DeleteFunc(slices.Clone(all), func(c contender) bool { return !c.open })
	said := map[string]string{}
	for _, c := range all {
		over := make(chan error, 1)
		go func() {
			time.Sleep(length / 2)
			over <- b.ask("/freeze?"+url.Values{"for": {stop.String()}}.Encode(), nil)
		}()
		t, err := b.turn(c, load{conns: conns, rate: rate, length: length})
		if err := errors.Join(err, <-over); err != nil {
			return err
		}
		said[c.name] = "nothing"
		if p99, ok := c.p99(t.out); ok {
			said[c.name] = p99.Round(time.Millisecond).String()
		}
	}
	// Of the requests of five seconds one in five is held up, for up to a
	// second: one in a hundred for more than 950 ms.
	truth := stop - time.Duration(float64(length)*0.01)
	return table(out, fmt.Sprintf("frozen for %v, %d/s\tp99 that it tells; the truth is %v", stop, rate, truth), all,
		func(c contender) string { return said[c.name] })
}

package servers_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/flags"
)

// clientOrder is what the program is to do as the client of a test, in a
// process of its own, which has its own files and its own processor: what, at
// which address, with how many requests.
const clientOrder = "TEAPOT_TEST_CLIENT"

// clientOrders are what a client can be told. Each says on its output when it
// is ready, and goes on until its input ends.
var clientOrders = map[string]func(addr string, n int) error{
	"hold":         hold,
	"hold h2c":     holdStreams,
	"come by turn": comeByTurn,
	"keep busy":    keepBusy,
}

func TestMain(m *testing.M) {
	if order := os.Getenv(clientOrder); order != "" {
		what, rest, _ := strings.Cut(order, "|")
		var addr string
		var n int
		if _, err := fmt.Sscan(rest, &addr, &n); err != nil {
			panic(err)
		}
		if err := clientOrders[what](addr, n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// client starts the other process, and returns when it is ready.
func client(t testing.TB, what, addr string, n int) (leave func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), fmt.Sprintf("%s=%s|%s %d", clientOrder, what, addr, n)), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	leave = func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if line != "ready\n" {
		leave()
		t.FailNow()
	}
	return leave
}

// ready says so, and waits until the input ends.
func ready() error {
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// dialFrom connects by one of several addresses of this machine: one has not
// enough ports for all that is asked here.
func dialFrom(i int, addr string) (net.Conn, error) {
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i%8))}}).Dial("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connection %d: %w", i+1, err)
	}
	return c, nil
}

// hold sends n requests, each on a connection of its own, says so, and keeps
// them.
func hold(addr string, n int) error {
	for i := range n {
		c, err := dialFrom(i, addr)
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := fmt.Fprintf(c, "GET /flags/br/br.gif HTTP/1.1\r\nHost: x\r\nUser-Agent: tea\r\n\r\n"); err != nil {
			return err
		}
	}
	return ready()
}

// holdStreams is hold over HTTP/2 in the clear, with as many on a connection as
// the server allows.
func holdStreams(addr string, n int) error {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	failed := make(chan error, n)
	for range n { // one after another: those that begin at once dial at once
		sent := make(chan struct{})
		ctx := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { close(sent) }})
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+servers.FlagPath("BR"), nil)
		if err != nil {
			return err
		}
		wg.Go(func() {
			_, err := transport.RoundTrip(r)
			failed <- err
		})
		select {
		case <-sent:
		case err := <-failed:
			return fmt.Errorf("an answer too early: %w", err)
		}
	}
	return ready()
}

// comeByTurn keeps n requests under way, each on a connection of its own, three
// in a row on each. It is ready when all are answered.
func comeByTurn(addr string, n int) error {
	keys := flags.Every()
	errs := make([]error, n)
	turn := time.NewTicker(time.Second / time.Duration(n)) // so that they do not come in a burst
	defer turn.Stop()
	var wg sync.WaitGroup
	for i := range n {
		c, err := dialFrom(i, addr)
		if err != nil {
			return err
		}
		defer c.Close()
		<-turn.C
		wg.Go(func() {
			answers := bufio.NewReaderSize(c, 1<<14)
			for round := range 3 {
				_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
					servers.FlagPath(keys[(i+round*n)%len(keys)]))
				errs[i] = errors.Join(errs[i], err, discardAnswer(answers))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return ready()
}

// keepBusy sends n requests for a small flag over 50 connections, each as soon
// as the one before it on its connection is answered. It is ready when all are
// answered.
func keepBusy(addr string, n int) error {
	const conns = 50
	errs := make([]error, conns)
	var wg sync.WaitGroup
	for i := range conns {
		c, err := dialFrom(i, addr)
		if err != nil {
			return err
		}
		defer c.Close()
		wg.Go(func() {
			answers := bufio.NewReaderSize(c, 1<<14)
			for range n / conns {
				_, err := io.WriteString(c, "GET "+servers.FlagPath("JP")+" HTTP/1.1\r\nHost: x\r\n\r\n")
				if errs[i] = errors.Join(err, discardAnswer(answers)); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return ready()
}

func discardAnswer(from *bufio.Reader) error {
	resp, err := http.ReadResponse(from, nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

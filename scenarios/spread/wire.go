package spread

import (
	"encoding/json"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/executor/cluster"
)

// The rhythm of a run.
const (
	every     = time.Second      // rows of generators, and beats of the leader
	lostAfter = 6 * time.Second  // since the last row
	goneAfter = 15 * time.Second // since the last beat
	patience  = 30 * time.Second // for enough generators, and for each to be ready
	answering = 2 * time.Second  // for one answer, before the question is put again
)

// pieceSize is that of the pieces of a recording. A NATS server takes messages
// of up to a megabyte, unless it is told otherwise.
const pieceSize = 512 << 10

// Subjects of no run.
const (
	calls = "tp.load.call"
	heres = "tp.load.here"
)

// A runID names a run.
type runID string

func (r runID) subject(what string) string { return "tp.load." + string(r) + "." + what }

// to is the subject of what is for one generator.
func (r runID) to(index int, what string) string { return r.subject(strconv.Itoa(index) + "." + what) }

// A call says that a run wants generators.
type call struct{ Run runID }

// A hello asks for a part in a run.
type hello struct{ Worker, Build string }

// A welcome is the answer.
type welcome struct {
	Refused   string // why there is no part, "" if there is one
	Index, Of int
	Job       []byte
}

// A row is how far a generator is.
type row struct {
	Index       int
	Phase       phase
	Sent, Ended int
	Error       string // why it has no recording
}

// A phase is what a generator does.
//
//	preparing → ready → running → sending → done
//	any → failed
type phase uint8

const (
	preparing phase = iota
	ready           // to begin
	running
	sending // its recording
	done
	failed
)

// String returns the phase as it is told.
func (p phase) String() string {
	names := []string{"preparing", "ready", "running", "sending its recording", "done", "failed"}
	if int(p) < len(names) {
		return names[p]
	}
	return "unknown"
}

// A start says when to begin, by the clock of the generator. The answer is a
// lateness.
type start struct{ At time.Duration }

// A lateness is by how much a start has come too late, 0 if it has not.
type lateness struct{ By time.Duration }

// The header of a piece of a recording.
const (
	headerIndex = "Index"
	headerPiece = "Piece" // its number, from 0
	headerOf    = "Of"    // how many there are
	headerSum   = "Sum"   // the SHA-256 of all pieces together
)

// pack encodes a message, which has strings and numbers alone.
func pack(message any) []byte {
	b, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	return b
}

// unpack reports whether a message could be decoded.
func unpack(m *nats.Msg, to any) bool { return json.Unmarshal(m.Data, to) == nil }

// access returns the options of a connection that the environment asks for.
func access() ([]nats.Option, error) { return cluster.Access(os.Getenv) }

// A clock tells the time since it was made. Nothing sets it.
type clock struct {
	zero  time.Time
	ahead time.Duration // added in tests
}

func newClock() clock { return clock{zero: time.Now()} }

func (c clock) now() time.Duration { return time.Since(c.zero) + c.ahead }

// at returns when the clock tells a time.
func (c clock) at(told time.Duration) time.Time { return c.zero.Add(told - c.ahead) }

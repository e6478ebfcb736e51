package spread

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

const (
	// stepsSize is the size beyond which a message of steps gets no more.
	stepsSize = 128 << 10
	// mostSteps is how many such messages wait to be sent.
	mostSteps = 64
	// longestClass is that of a class in a step.
	longestClass = 64
)

// A stepLog has the steps of tasks that the leader has not been told, in
// messages. They are for those who watch the run: what counts is the recording.
// So those that are too many are left out. The zero value has none.
type stepLog struct{ messages [][]byte }

// told are the steps that are told, by their number in a message.
var told = []harness.Step{harness.Submitted, harness.Started, harness.Finished}

// add adds a step.
//
//	number of the step, Seq, Due, Held, Submitted, Started, Finished, Class
//
// Numbers and times are varints, and the class has its length in front.
func (l *stepLog) add(step harness.Step, s record.Sample) {
	number := slices.Index(told, step)
	if number < 0 || len(s.Class) > longestClass {
		return
	}
	if n := len(l.messages); n == 0 || len(l.messages[n-1]) > stepsSize {
		if n == mostSteps {
			return
		}
		l.messages = append(l.messages, nil)
	}
	b := &l.messages[len(l.messages)-1]
	for _, n := range []int64{
		int64(number), int64(s.Seq), int64(s.Due), int64(s.Held), int64(s.Submitted), int64(s.Started),
		int64(s.Finished), int64(len(s.Class)),
	} {
		*b = binary.AppendVarint(*b, n)
	}
	*b = append(*b, s.Class...)
}

// take returns what has been added, and forgets it.
func (l *stepLog) take() [][]byte {
	taken := l.messages
	l.messages = nil
	return taken
}

// readSteps tells the steps of a message, up to what is no step.
func readSteps(b []byte, tell func(harness.Step, record.Sample)) {
	for len(b) > 0 {
		var n [8]int64
		for i := range n {
			value, size := binary.Varint(b)
			if size <= 0 {
				return
			}
			n[i], b = value, b[size:]
		}
		if n[0] < 0 || n[0] >= int64(len(told)) || n[1] != int64(int(n[1])) || n[7] < 0 || n[7] > int64(len(b)) {
			return
		}
		s := record.Sample{
			Seq: int(n[1]), Due: time.Duration(n[2]), Held: time.Duration(n[3]), Submitted: time.Duration(n[4]),
			Started: time.Duration(n[5]), Finished: time.Duration(n[6]), Delivered: -1,
		}
		s.Class, b = record.Class(b[:n[7]]), b[n[7]:]
		tell(told[n[0]], s)
	}
}

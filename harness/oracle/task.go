package oracle

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// A task is a sample and the exchanges that are its own.
type task struct {
	sample    *record.Sample
	from, to  time.Duration  // when it ran, in the journal's time; below and above every time if that is not known
	own       []*exchange    // for its key, in order of arrival
	others    [][]*exchange  // for each other key that it asked for, in order of arrival
	decided   *exchange      // the one that explains it, where several tasks of its key were running
	entry     *servers.Entry // of the only exchange, if that was dropped, as there may be a million
	certainly bool           // the only exchange that was dropped is the task's, among several of its key
	named     bool           // some exchange says that it is the task's, and the client did not abandon it
	shares    bool           // some other exchange came while it ran, and it is not known whose that is
	group     int32          // of its key
}

// plain reports whether there is nothing more to say of a task with a single
// exchange, which is certainly its own.
func (t *task) plain() bool {
	s := t.sample
	doubtless := s.Misstep == "" && s.Doubt == "" && s.RetryDoubt == ""
	return doubtless && s.Agrees() && t.others == nil && len(t.own) == 1 && t.decided == nil && !t.own[0].corrupted()
}

// drop takes the exchanges from the tasks of a key, of which there may be a
// million, if there is nothing more to say of any.
func drop(tasks []*task, all []*exchange) bool {
	several := len(tasks) > 1
	if len(tasks) != len(all) || slices.ContainsFunc(tasks, func(t *task) bool {
		return !t.plain() || several && t.own[0].whose != t
	}) {
		return false
	}
	for _, t := range tasks {
		t.entry, t.certainly, t.own = t.own[0].first, several, nil
	}
	return true
}

// own returns the exchanges of a task for its key, also if they were dropped.
func (o Oracle) own(t *task) []*exchange {
	if t.own == nil && t.entry != nil {
		t.own = o.exchanges([]*servers.Entry{t.entry}, nil)
		if t.certainly {
			t.own[0].whose = t
		}
		t.time(true)
	}
	return t.own
}

// never is after every time.
const never = time.Duration(1<<63 - 1)

func newTask(s *record.Sample, epoch, start time.Time, skew time.Duration) task {
	t := task{sample: s, from: -1, to: never}
	if epoch.IsZero() {
		return t
	}
	offset := start.Sub(epoch)
	switch {
	case s.Started < 0:
		t.from, t.to = never, never
	case s.Finished < 0:
		t.from = offset + s.Started - skew
	default:
		t.from, t.to = offset+s.Started-skew, offset+s.Finished+skew
	}
	return t
}

// certain returns the exchanges that are certainly the task's.
func (t *task) certain() (own []*exchange) {
	for _, x := range t.own {
		if x.whose == t {
			own = append(own, x)
		}
	}
	return own
}

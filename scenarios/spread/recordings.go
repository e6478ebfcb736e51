package spread

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// recordings returns what the generators have recorded of a run that began at a
// time of the leader's clock.
func (l *leader) recordings(at time.Duration) []*record.Recording {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []*record.Recording
	for _, m := range l.members {
		all = append(all, m.recording(at))
	}
	return all
}

// recording returns what a generator has recorded.
func (m *member) recording(at time.Duration) *record.Recording {
	g := share.Generator{Host: m.worker, Sent: m.row.Sent, Ended: m.row.Ended, Lost: m.lost}
	if clock, known := share.Compare(m.asked...); known {
		g.Offset, g.Error, g.Drift = clock.Here(m.told)-at, clock.Error, clock.Drift()
	}
	rec := new(record.Recording)
	if g.Lost == "" {
		var err error
		if rec, err = m.parcel.open(); err != nil {
			rec, g.Lost = new(record.Recording), err.Error()
		} else if sent, ended := counted(rec); sent != m.row.Sent || ended != m.row.Ended {
			g.Lost = fmt.Sprintf("by its count %d were sent and %d ended, by its recording %d and %d", m.row.Sent,
				m.row.Ended, sent, ended)
			rec = new(record.Recording)
		}
	}
	rec.Generators = []share.Generator{g}
	return rec
}

// counted counts the tasks of a recording that were sent and that ended.
func counted(rec *record.Recording) (sent, ended int) {
	for i := range rec.Samples {
		if rec.Samples[i].Submitted >= 0 {
			sent++
		}
		if rec.Samples[i].Finished >= 0 {
			ended++
		}
	}
	return sent, ended
}

package html

import (
	"encoding/base64"
	"time"

	"github.com/teapot-go/teapot/reports/summary"
)

// A density has so many moments, and rows for at most so many lanes: of more,
// several share a row.
const (
	moments  = 200
	mostRows = 100
	shares   = 15 // steps between idle and busy
)

// A density is how busy the lanes were, by all samples: a byte for each row and
// moment, whose low four bits are the share of the time that the row's lanes
// were busy, and whose fifth bit says that an error ended there.
type density struct {
	Moments int    `json:"moments"`
	Rows    int    `json:"rows"`
	Cells   string `json:"cells"` // rows one after another, in base64
}

func (p *packer) density(lanes int) *density {
	d := &density{Moments: moments, Rows: max(min(lanes, mostRows), 1)}
	busy := make([]time.Duration, d.Rows*moments)
	failed := make([]bool, len(busy))
	moment := max(p.end/moments, 1)
	for i := range p.recording.Samples {
		s := &p.recording.Samples[i]
		if s.Started < 0 || s.Worker < 0 {
			continue
		}
		to := s.Finished
		if to < 0 {
			to = p.end
		}
		row := min(s.Worker, lanes-1) * d.Rows / lanes * moments
		for m := min(s.Started/moment, moments-1); m < moments && m*moment < to; m++ {
			busy[row+int(m)] += min(to, (m+1)*moment) - max(s.Started, m*moment)
		}
		if summary.Failed(s) {
			failed[row+int(min(max(to-1, 0)/moment, moments-1))] = true
		}
	}
	cells := make([]byte, len(busy))
	for i, b := range busy {
		in := (i/moments+1)*lanes/d.Rows - i/moments*lanes/d.Rows // lanes that share the row
		share := float64(b) / float64(moment) / float64(max(in, 1))
		cells[i] = byte(min(share, 1)*shares + 0.5)
		if cells[i] == 0 && b > 0 {
			cells[i] = 1
		}
		if failed[i] {
			cells[i] |= 16
		}
	}
	d.Cells = base64.StdEncoding.EncodeToString(cells)
	return d
}

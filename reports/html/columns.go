package html

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/charts"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// columnsHead is the JSON text of packed samples. The names are those that the
// script reads.
type columnsHead struct {
	Samples int      `json:"n"`    // that are in the columns
	Of      int      `json:"of"`   // that the run had
	Unit    int64    `json:"unit"` // nanoseconds in one of a time
	End     int64    `json:"end"`  // of the run or of its ideal, whichever is later, in units
	Lanes   int      `json:"lanes"`
	Ideal   bool     `json:"ideal"` // whether there is a schedule to compare with
	Columns []string `json:"columns"`
	Keys    []string `json:"keys"`
	Classes []string `json:"classes"`
	Looks   []string `json:"looks"`
	Faults  []string `json:"faults"`
	Dids    []string `json:"dids"`
	Errors  []string `json:"errors"`
	Density *density `json:"density,omitempty"` // of all samples, where some are left out
}

// A column is a name and what it says of a sample.
type column struct {
	name string
	of   func(i int, s *record.Sample) int64
}

// pack returns at most n of the run's samples as base64 text, the exceptional
// ones first, and how many there are. It holds a column for each field of the
// samples, compressed, which a script in the page unpacks with what every
// browser has.
//
// Unpacked, it is the length of a JSON text in four bytes, least significant
// first, the text, and the columns that the text names, one after another: a
// zigzag varint for each sample. A column whose name begins with + holds the
// differences from one sample to the next. Times are in units that the text
// gives, too fine for a picture of the run to show one. A time that was never
// reached is negative.
func pack(r *record.Recording, n int) (data string, packed int) {
	p := packer{
		recording: r,
		chosen:    summary.Choose(r, n, func(*record.Sample) bool { return true }),
		ideal:     charts.IdealLanes(r),
	}
	p.measure()
	columns := p.columns()
	values := make([]byte, 0, 24*len(p.chosen))
	for _, c := range columns {
		p.head.Columns = append(p.head.Columns, c.name)
		before := int64(0)
		for _, i := range p.chosen {
			v := c.of(i, &r.Samples[i])
			if c.name[0] == '+' {
				before, v = v, v-before
			}
			values = binary.AppendVarint(values, v)
		}
	}
	for _, i := range p.chosen {
		p.head.Keys = append(p.head.Keys, text.Clip(text.Printable(r.Samples[i].Key), 60))
	}
	meta, err := json.Marshal(p.head)
	if err != nil {
		panic(err) // strings and numbers
	}
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // fails on a level that does not exist
	w.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(meta))))
	w.Write(meta)
	w.Write(values)
	w.Close() // to memory
	return base64.StdEncoding.EncodeToString(b.Bytes()), len(p.chosen)
}

type packer struct {
	recording *record.Recording
	chosen    []int
	ideal     []int32
	head      columnsHead
	end       time.Duration
}

// measure finds the end of the run, and the unit of its times: 2³⁰ of them, or
// a nanosecond.
func (p *packer) measure() {
	r := p.recording
	p.end = max(r.Makespan, r.IdealMakespan, 1)
	lanes := 0
	for i := range r.Samples {
		s := &r.Samples[i]
		p.end = max(p.end, s.Finished, s.Delivered)
		lanes = max(lanes, min(s.Worker, 1<<20)+1)
	}
	unit := time.Duration(1)
	for p.end/unit > 1<<30 {
		unit *= 10
	}
	p.head = columnsHead{
		Samples: len(
			p.chosen,
		),
		Of:      r.Tasks(),
		Unit:    int64(unit),
		End:     int64(p.end / unit),
		Lanes:   lanes,
		Ideal:   p.ideal != nil,
		Keys:    []string{},
		Classes: []string{},
		Looks:   []string{},
		Faults:  []string{},
		Dids:    []string{},
		Errors:  []string{""},
	}
	if len(p.chosen) < len(r.Samples) && r.Totals == nil {
		p.head.Density = p.density(lanes)
	}
}

// at is a time in units. What is out of order in a recording from elsewhere
// stays within what a browser can count.
func (p *packer) at(d time.Duration) int64 {
	if d < 0 {
		return -1
	}
	return int64(min(d, p.end) / time.Duration(p.head.Unit))
}

// since is the time from one event to a later one, or -1 if either never came.
func (p *packer) since(from, to time.Duration) int64 {
	if from < 0 || to < 0 {
		return -1
	}
	return p.at(max(to, 0)) - p.at(from)
}

// packed is a word as the columns have it.
func packed(word string) string { return text.Clip(text.Printable(word), 200) }

// pool is the place of a word in a list that grows, up to a bound: the last
// place then stands for all others.
func pool(list *[]string, word string, most int) int64 {
	word = packed(word)
	if i := slices.Index(*list, word); i >= 0 {
		return int64(i)
	}
	if len(*list) < most {
		*list = append(*list, word)
	} else if len(*list) == most {
		*list = append(*list, "other: the report has no room for it")
	}
	return int64(len(*list) - 1)
}

func (p *packer) columns() []column {
	type sample = record.Sample
	h := &p.head
	all := []column{
		{"+seq", func(_ int, s *sample) int64 { return int64(s.Seq) }},
		{"attempt", func(_ int, s *sample) int64 { return int64(s.Attempt) }},
		{"lane", func(_ int, s *sample) int64 { return int64(min(s.Worker, 1<<20)) }},
		{"class", func(_ int, s *sample) int64 { return pool(&h.Classes, string(s.Class), 100) }},
		{"look", func(_ int, s *sample) int64 { return pool(&h.Looks, string(charts.LookOf(p.recording, s)), 100) }},
		{"planned", func(_ int, s *sample) int64 { return pool(&h.Classes, string(s.PlannedClass), 100) }},
		{"status", func(_ int, s *sample) int64 { return int64(s.Status) }},
		{"fault", func(_ int, s *sample) int64 { return pool(&h.Faults, s.PlannedFault, 100) }},
		{"did", func(_ int, s *sample) int64 { return pool(&h.Dids, s.Did, 100) }},
		{"error", func(_ int, s *sample) int64 { return pool(&h.Errors, s.Error, 200) }},
		{"bytes", func(_ int, s *sample) int64 { return s.Bytes }},
		{"+due", func(_ int, s *sample) int64 { return p.at(s.Due) }},
		{"+submitted", func(_ int, s *sample) int64 { return p.at(s.Submitted) }},
		{"+started", func(_ int, s *sample) int64 { return p.at(s.Started) }},
		{"service", func(_ int, s *sample) int64 { return p.since(s.Started, s.Finished) }},
		{"head", func(_ int, s *sample) int64 { return p.at(s.Head) }},
		{"held", func(_ int, s *sample) int64 { return p.since(s.Finished, s.Delivered) }},
	}
	if p.ideal == nil {
		return all
	}
	return append(
		all,
		column{
			"slower",
			func(_ int, s *sample) int64 { return p.since(s.Started, s.Finished) - p.at(s.PlannedService) },
		},
		column{"ideal_lane", func(i int, _ *sample) int64 { return int64(p.ideal[i]) }},
		column{"+ideal_started", func(_ int, s *sample) int64 { return p.at(s.IdealStarted) }},
	)
}

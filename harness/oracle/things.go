package oracle

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/taskid"
)

// share gives each task its requests for keys that it does not have.
func (o Oracle) share(tasks []*task, numbered func(int) *task, others []*servers.Entry) {
	type thing struct {
		task int
		key  string
	}
	things := map[thing][]*servers.Entry{}
	for _, e := range others {
		at := thing{e.Task, e.Key}
		things[at] = append(things[at], e)
	}
	for at, entries := range things {
		t := numbered(at.task)
		all := o.exchanges(entries, nil)
		for _, x := range all {
			x.whose = t
			x.time(t)
		}
		t.others = append(t.others, all)
	}
	for _, t := range tasks {
		slices.SortFunc(t.others, func(a, b []*exchange) int {
			return cmp.Or(cmp.Compare(a[0].first.Arrived, b[0].first.Arrived),
				cmp.Compare(a[0].first.Key, b[0].first.Key))
		})
	}
}

// explainThings explains a task that asked for several keys, or for others than
// its own. Each of them comes to something, and the report must be one of that.
// A task that reports a success although something came to an error may not
// have needed that, or have got it elsewhere: that is in doubt. So is one that
// asks on after the error that it reports: it may have got what it wanted.
func (o Oracle) explainThings(t *task) {
	s := t.sample
	things := slices.Clone(t.others)
	if len(t.own) > 0 {
		things = append(things, t.own)
	}
	var agreeing, alike, failing *record.Sample // the last that agrees, that has the class, and that has not
	var total int64
	for _, own := range things {
		if t.leadsOn(own) {
			continue
		}
		judged := o.judge(*s, t, own, true)
		total += judged.PlannedBytes
		switch {
		case judged.Agrees():
			agreeing = &judged
		case judged.Asked() && judged.Class == judged.PlannedClass:
			alike = &judged
		default:
			failing = &judged
		}
	}
	for _, own := range things {
		if o.misstep(s, own); s.Misstep != "" {
			break // the next one would take it for its own
		}
	}
	misstep, doubt := s.Misstep, s.RetryDoubt
	if agreeing == nil && alike == nil && len(things) > 1 {
		agreeing = gaveUp(*s, things)
	}
	switch {
	case agreeing == nil && alike == nil && failing == nil: // every answer led on
		*s = o.judge(*s, t, things[len(things)-1], true)
	case agreeing == nil && alike == nil:
		*s = *failing
	case agreeing != nil:
		*s = *agreeing
	default:
		if *s = *alike; s.StatusServed() && s.Bytes == total {
			s.PlannedBytes, s.PlannedDigest = total, ""
		} else if s.StatusServed() {
			s.Doubt = cmp.Or(s.Doubt, several)
		}
	}
	if failing != nil && s.Class == record.OK && s.Class == s.PlannedClass {
		s.Doubt = cmp.Or(s.Doubt, needless)
	}
	s.Misstep, s.RetryDoubt = misstep, cmp.Or(s.RetryDoubt, doubt)
}

// gaveUp returns the sample of a client that reports the error of one of its
// requests, though it could have made that again: it may have tried again under
// another key. It returns nil for every other.
func gaveUp(s record.Sample, things [][]*exchange) *record.Sample {
	if !failed(s.Class) {
		return nil
	}
	for _, own := range things {
		if judged := deciding(s, own[len(own)-1:]); judged.Agrees() {
			judged.Doubt = cmp.Or(judged.Doubt, otherKeys)
			return &judged
		}
	}
	return nil
}

// leadsOn reports whether the last answer to some exchanges of a task is a
// redirect of the content, which the task has followed.
func (t *task) leadsOn(own []*exchange) bool {
	last := own[len(own)-1]
	switch last.last.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
		http.StatusPermanentRedirect:
	default:
		return false
	}
	later := func(x *exchange) bool { return x.first.Arrived >= last.first.Arrived && x != last }
	return slices.ContainsFunc(t.own, later) ||
		slices.ContainsFunc(t.others, func(those []*exchange) bool { return slices.ContainsFunc(those, later) })
}

// several is why a task is in doubt whose bytes are of several things.
const several = "it asked for several things, and reports as many bytes as none of them has, nor all of them: " +
	"report the bytes of one, or of all, or 0"

// otherKeys is why a task is in doubt that has failed at several things.
const otherKeys = "it asked for several things, and reports the error of one that it could have tried again: if they " +
	"are attempts at one thing, give them one key, as server: {key: path} does where only the query differs"

// needless is why a task is in doubt that succeeds without something.
const needless = "it reports a success, although something that it asked for came to an error: " +
	"give each request a task of its own, or report the error"

// strays returns the exchanges of keys that no task has, in order of arrival.
func (o Oracle) strays(entries map[string][]*servers.Entry) (strays []*exchange) {
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		strays = append(strays, o.exchanges(entries[key], nil)...)
	}
	slices.SortStableFunc(strays, func(a, b *exchange) int { return cmp.Compare(a.first.Arrived, b.first.Arrived) })
	return strays
}

// doubtStrays doubts the tasks whose report does not follow from their own
// requests, but does from one of which it is not known whose it is.
func (o Oracle) doubtStrays(tasks []*task, strays []*exchange) {
	if strays == nil {
		return
	}
	for _, t := range tasks {
		if s := t.sample; s.Doubt == "" && !s.Agrees() && slices.ContainsFunc(t.during(strays), func(x *exchange) bool {
			return x.ended() >= t.from && x.judgesRight(*s)
		}) {
			s.Doubt = unowned
		}
	}
}

// unowned is why a task is in doubt that is explained by what may be another's.
const unowned = "its report fits a request for a key that no task has, of which it is not known whose it is: " +
	"build requests with the context of their task, have them name it in the header " + taskid.Header +
	", or choose server.key so that it is the key of the task"

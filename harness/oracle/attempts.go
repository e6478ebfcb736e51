package oracle

import (
	"slices"

	"github.com/teapot-go/teapot/harness/record"
)

// succeeds reports whether some exchange of an attempt ends without an error,
// and the client saw that.
func succeeds(attempt []*exchange) bool {
	return slices.ContainsFunc(attempt, func(x *exchange) bool {
		return x.kind.PlannedClass.Outcome() != record.OutcomeError && !x.abandoned()
	})
}

// chain returns exchanges as attempts, in their order, up to the one at which a
// correct client stops.
func (o Oracle) chain(own []*exchange) [][]*exchange {
	attempts := attemptsOf(own)
	for n, attempt := range attempts {
		if o.Attempts > 1 && o.stops(n+1, attempt) {
			return attempts[:n+1]
		}
	}
	return attempts
}

// attemptsOf returns exchanges as attempts, in their order. Exchanges that were
// under way at once are one attempt, which the client has hedged.
func attemptsOf(own []*exchange) (attempts [][]*exchange) {
	if len(own) == 1 {
		return [][]*exchange{own}
	}
	for _, x := range own {
		last := len(attempts) - 1
		if last >= 0 && !supersedesAll(x, attempts[last]) {
			attempts[last] = append(attempts[last], x)
			continue
		}
		attempts = append(attempts, []*exchange{x})
	}
	return attempts
}

func supersedesAll(x *exchange, others []*exchange) bool {
	return !slices.ContainsFunc(others, func(y *exchange) bool { return !x.supersedes(y) })
}

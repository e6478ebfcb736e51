// Package limits says how much of a server its clients can have at once and in
// a second, and what happens to a request beyond that.
//
// A [Gate] stands in front of a server. It lets requests in as its [Capacity]
// and its [Rate] have it, in the order in which they come, and says of every
// other what to answer instead: that is a [Refusal]. Its answers depend on what
// else arrives, so no plan foresees them.
package limits

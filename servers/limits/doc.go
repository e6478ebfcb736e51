// Package limits bounds how many requests a server takes on at once and in a
// second.
//
// A [Gate] stands in front of a server. It lets requests in, in the order of
// arrival, within a [Capacity] and a [Rate]. A [Refusal] answers every other
// request. What a request meets here depends on the other requests, so it is
// not planned.
package limits

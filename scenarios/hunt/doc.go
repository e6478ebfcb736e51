// Package hunt looks for the smallest world in which the code under test is
// wrong.
//
// A scenario tries one world, the one of its seed. A [Hunt] tries many, side by
// side under the virtual clock. Of one that fails it makes a smaller one that
// fails in the same way, and so on, until nothing can be left out: few keys,
// and each fault pinned to the one request that matters. The result is a
// scenario file that a person can read, and that stays as a regression test.
//
// Delta debugging of lists is ddmin, as in Zeller and Hildebrandt, Simplifying
// and Isolating Failure-Inducing Input, IEEE Transactions on Software
// Engineering 28(2), 2002. That rates are pushed up in a part of the worlds is
// swarm testing, as in Groce and others, ISSTA 2012.
package hunt

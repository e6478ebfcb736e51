// Package spread has load generators in other processes share the arrivals of
// an open workload, over a NATS server.
//
// [Lead] is what the process does that has the plan and the server, and judges
// the run; [Work] is what a load generator does. All of it is core NATS, as
// nothing of a run is worth keeping once it is over:
//
//	from       subject tp.load.  what
//	leader     call              a run wants generators
//	generator  here              there is another one
//	generator  RUN.hello         asks for a part; the answer has the job
//	leader     RUN.K.clock       asks what time it is there
//	leader     RUN.K.go          says when to begin, by the generator's clock
//	generator  RUN.row           every second, how far it is
//	leader     RUN.beat          every second, that it lives
//	generator  RUN.piece         a piece of its recording, which is answered
//	leader     RUN.stop          end, and send what there is
//	leader     RUN.over          the run is over
//
// What may be lost is said again: calls, hellos, rows and pieces. To hear any
// of it twice, or in another order, changes nothing.
//
// No wall clock is ever read. A generator tells the time since it has started,
// and [share.Compare] finds out how that relates to the leader's.
package spread

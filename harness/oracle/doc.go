// Package oracle knows what should have happened to every task of a run.
//
// The table of truth says what each fault is to a correct client: [Truth] of
// what is planned for a request, [TruthOf] of what the server's journal says
// of one. An [Oracle] puts a task together from its attempts, and joins the
// samples of a run with the journal.
package oracle

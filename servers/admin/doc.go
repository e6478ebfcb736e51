// Package admin lets a person or a monitoring system look into a running test
// server: Prometheus text at /metrics and the journal as JSON at /journal, both
// of which / names, with whatever pages a program adds.
//
// It listens apart from the server that it watches, on loopback alone, and
// answers only to names of loopback, so that neither a client under test nor a
// page in a browser finds it by accident.
package admin

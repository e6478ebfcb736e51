//go:build !unix

package harness

func openLimit() string    { return "all files that the process may have open are" }
func systemFiles() string  { return "all files that the system may have open are" }
func freePorts() string    { return "all ports for outgoing connections are taken" }
func memory() string       { return "no memory is left" }
func processLimit() string { return "this user may have no more processes" }

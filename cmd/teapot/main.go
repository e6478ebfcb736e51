// Teapot runs scenarios: it puts a planned load on executors and judges the run
// against what should have happened.
//
// Usage:
//
//	teapot init [DIR]                 begin: a scenario, a test, a CI workflow
//	teapot run PATH…                  run scenarios, and write a report
//	teapot worker --cluster URL       run tasks of runs on other machines
//	teapot check PATH…                check scenario files
//	teapot explain [KEY]              explain a key of scenario files
//	teapot compare OLD NEW            tell whether a recording is worse
//	teapot report RECORDING…          make reports of recordings
//	teapot serve [LABEL…]             serve flags, late or with errors
//	teapot flags [CC…]                download flags on an executor
//	teapot primes [WORKERS [NUMBER…]] check numbers in child processes
//	teapot loiter [SECONDS…]          run tasks that sleep
//	teapot completion SHELL           print a shell's completion script
//	teapot version                    print the version
//
// Each has --help. A path is a scenario file, a folder of them, or - for the
// standard input. The exit status is 0 if every expectation holds, 1 if one is
// violated or something became worse, 2 for bad input, 3 if something cannot be
// judged, 130 after an interrupt; what was measured until then is still
// reported.
//
// It knows the built-in tasks and executors. Package
// [github.com/teapot-go/teapot/command] makes a teapot that knows yours.
package main

import (
	"github.com/teapot-go/teapot/command"
	"github.com/teapot-go/teapot/scenarios"
)

func main() { command.Main(scenarios.Vocabulary{}) }

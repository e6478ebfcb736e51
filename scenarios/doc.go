// Package scenarios reads teapot's scenario files and runs them.
//
// A [Scenario] is one YAML file: a server, a workload, the executors that run
// the workload, and what every run must meet. [Vocabulary.Load] reads files and
// reports all mistakes at once, each with its position. Each executor of a
// scenario is a [Case]. A [Runner] runs cases and judges them. Package suite
// makes Ginkgo specs of a folder of scenario files.
//
// A program adds its own executors and tasks to a [Vocabulary]. The simplest
// task is a [RequestFunc] that calls the client under test.
//
// The scenario files in this folder are the built-in scenarios.
package scenarios

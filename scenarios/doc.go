// Package scenarios is the language of teapot's scenario files, and what runs
// them.
//
// A [Scenario] is one YAML file: a server and a workload, the executors that it
// is run on, and what is expected. [Vocabulary.Load] reads files and reports
// every mistake at once. Each executor of a scenario is a [Case]; a [Runner]
// runs cases and judges them. Package suite turns a folder of files into Ginkgo
// specs.
//
// The files in this folder are the built-in scenarios.
package scenarios

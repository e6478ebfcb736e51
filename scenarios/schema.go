package scenarios

import _ "embed" // of the schema

//go:embed scenario.schema.json
var schema string

// Schema returns the JSON Schema of scenario files, which editors can read.
func Schema() string { return schema }

// Package strict decodes YAML files that people write, and reports all mistakes
// in a file at once, each with its position.
//
// [Decode] fills a struct. A field with the tag `yaml:"key"` is a key of the
// file; with the tag `jsonschema:"required"`, the key must be there. The type
// of a field is string, uint64, a struct, a pointer or a slice, or it
// implements [Enum], [Scalar] or [Union]. The tag `such:"…"` of a struct or a
// slice is an example that messages have.
//
// Decode is stricter than YAML. It reports unknown keys, duplicate keys and
// values of the wrong type. It also reports what YAML has but people seldom
// mean: anchors, aliases, merge keys, tags, directives, and a second document.
// Decoding goes on after each mistake. Messages call the content of the file by
// the name of the struct's type.
//
// A program then validates what the types cannot express, and reports its own
// mistakes to the [Document]. The Document knows the position of every part of
// the file, and which parts have mistakes already, so that no mistake is
// reported twice.
package strict

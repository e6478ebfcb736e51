// Package strict decodes YAML files that people write, and tells them all that
// is wrong at once, each mistake with its place.
//
// [Decode] fills a struct: fields with the tag `yaml:"key"` are its keys, and
// with `jsonschema:"required"` one that must be there. A field is a string, a
// uint64, a struct, a pointer, a slice, or of a type that is a [Word], a
// [Scalar] or a [Union]. Unknown keys, keys that are there twice, values of
// another type, and what is in YAML but seldom meant (anchors, aliases, merge
// keys, tags, directives, a second document) are mistakes, and decoding goes on
// behind each. Messages call the file what the struct's type is called.
//
// What the types do not say, the program checks afterwards, on the [Document]:
// it knows where everything stands and what is spoilt already, so that nobody
// is told the same mistake twice, and adds to the same [Mistakes].
package strict

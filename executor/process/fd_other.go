//go:build !unix

package process

// adopt has nothing to do: no child gets as far as this where descriptors
// cannot be handed to it.
func inheritFD(int, bool) {}

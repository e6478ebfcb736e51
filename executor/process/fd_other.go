//go:build !unix

package process

// inheritFD does nothing: without inherited descriptors no child comes here.
func inheritFD(int, bool) {}

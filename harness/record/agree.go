package record

import (
	"fmt"
	"strings"
)

// Agrees reports whether the sample says what a correct client reports of what
// the server did: the class, the status of the answer if it names one, and the
// bytes of a success if it counts them, or has their digest. A timeout may be
// over before anything is sent; everything else takes a request.
func (s *Sample) Agrees() bool {
	return s.Class == s.PlannedClass && s.Asked() && s.StatusServed() && s.BytesServed() &&
		s.DigestServed()
}

// Asked reports whether a request explains what the sample says.
func (s *Sample) Asked() bool {
	return s.Did != ActionNoRequest && s.Did != ActionGaveUp && s.Did != ActionBehind || s.Class == Timeout
}

// StatusServed reports whether the server sent the status that the client
// names, if it names one. A client may report the 200 of a stored answer that
// the server has called still good, with 304.
func (s *Sample) StatusServed() bool {
	return s.Status == 0 || s.Status == s.Served || s.Status == 200 && s.Served == 304
}

// BytesServed reports whether a client that counts the bytes of a success has
// as many as it should. It may count a compressed body as it is sent, or as it
// is.
func (s *Sample) BytesServed() bool {
	switch {
	case s.Class != OK || s.Bytes == 0:
		return true
	case s.PlannedBytes == 0:
		return !s.NoBytes
	}
	return s.Bytes == s.PlannedBytes || s.countsCompressed() || s.Bytes > s.PlannedBytes && s.Inflates
}

// DigestServed reports whether a client that has the digest of a success has
// the right one. Of bytes that are still compressed it is not known.
func (s *Sample) DigestServed() bool {
	known := s.Class == OK && s.Digest != "" && s.PlannedDigest != "" && !s.countsCompressed()
	return !known || strings.EqualFold(s.Digest, s.PlannedDigest)
}

// countsCompressed reports whether the client does not decompress the body.
func (s *Sample) countsCompressed() bool { return s.Compressed > 0 && s.Bytes == s.Compressed }

// DifferingBytes describes the bytes of a success that differ from those that
// the client should have.
func (s *Sample) DifferingBytes() (got, want string) {
	got = fmt.Sprintf("%d bytes", s.Bytes)
	switch {
	case s.BytesServed():
		return "bytes that are not those of the file, by their digest " + s.Digest, s.PlannedDigest
	case s.NoBytes:
		return got, "0 bytes, as there was no body to read"
	}
	if s.PlannedDigest == "" {
		return got, fmt.Sprintf("%d bytes, which the server sent", s.PlannedBytes)
	}
	want = fmt.Sprintf("%d bytes, the length of the file", s.PlannedBytes)
	if s.RangeIgnored {
		want += "; the server answered a request for a part of it with status 200 and all of it"
	}
	return got, want
}

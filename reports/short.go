package reports

import (
	"bytes"
	"fmt"
	"io"
)

// A shortReader reads JSON in which no string, number or word takes more than
// limit bytes. The decoder holds each of them as a whole.
type shortReader struct {
	from   io.Reader
	limit  int
	failed error // the error of a value that is too long

	inside  bool // a string
	escaped bool // the byte before was a backslash of a string
	long    int  // bytes of the value so far
}

func (s *shortReader) Read(p []byte) (n int, err error) {
	if s.failed != nil {
		return 0, s.failed
	}
	n, err = s.from.Read(p[:min(len(p), 1<<16)]) // the decoder asks for twice of what it has
	for rest := p[:n]; len(rest) > 0; {
		rest = rest[s.step(rest):]
		if s.long > s.limit {
			s.failed = fmt.Errorf("a value of more than %d bytes: want a shorter one", s.limit)
			return n - len(rest), s.failed
		}
	}
	return n, err
}

// step goes on by some bytes, and returns how many.
func (s *shortReader) step(p []byte) int {
	if s.escaped {
		s.escaped = false
		s.long++
		return 1
	}
	if !s.inside {
		return s.outside(p)
	}
	i := bytes.IndexAny(p, `"\`)
	if i < 0 {
		s.long += len(p)
		return len(p)
	}
	s.long += i
	switch {
	case s.long > s.limit:
		return i
	case p[i] == '\\':
		s.escaped = true
		s.long++
	default:
		s.inside, s.long = false, 0
	}
	return i + 1
}

// outside goes on by the bytes between two strings: space, punctuation, numbers
// and words.
func (s *shortReader) outside(p []byte) int {
	for i, b := range p {
		switch b {
		case '"':
			s.inside, s.long = true, 0
			return i + 1
		case ' ', '\t', '\r', '\n', ',', ':', '[', ']', '{', '}':
			s.long = 0
		default:
			if s.long++; s.long > s.limit {
				return i + 1
			}
		}
	}
	return len(p)
}

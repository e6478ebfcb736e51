package servers

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// The frames of HTTP/2 (RFC 9113, 4.1 and 6).
const (
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

	frameHead      = 9 // bytes before the payload
	frameHeaders   = 0x1
	frameReset     = 0x3
	framePing      = 0x6
	frameGoAway    = 0x7
	frameContinued = 0x9

	flagAck        = 0x1
	flagEndHeaders = 0x4
	codeRefused    = 0x7       // REFUSED_STREAM
	lastStream     = 1<<31 - 1 // the highest number of a stream
)

// frame returns a frame.
func frame(kind, flags byte, stream uint32, body []byte) []byte {
	b := []byte{byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body)), kind, flags}
	return append(binary.BigEndian.AppendUint32(b, stream), body...)
}

// refusal is the RST_STREAM of a request that was not processed.
func refusal(stream uint32) []byte {
	return frame(frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, codeRefused))
}

// goAway is a GOAWAY without an error, after which no stream later than the
// last is processed.
func goAway(last uint32) []byte {
	return frame(frameGoAway, 0, 0, binary.BigEndian.AppendUint64(nil, uint64(last)<<32))
}

// payload returns the length of the payload of a frame.
func payload(head []byte) int { return int(head[0])<<16 | int(head[1])<<8 | int(head[2]) }

func streamIn(b []byte) uint32 { return binary.BigEndian.Uint32(b) & lastStream }

// A frameReader takes what a client sends, and makes ready what the server is
// to read.
type frameReader struct {
	opened func(stream uint32) (first bool) // is called when a header block begins
	acked  func(ping []byte)                // is called with the payload of each PING that is acknowledged

	plain   bool   // it is not HTTP/2
	preface int    // bytes of the preface that have come
	head    []byte // of the frame that comes, without its payload
	left    int    // bytes of its payload that are still to come
	opens   uint32 // the stream whose first header block comes; 0 for none
	mark    bool   // that block ends with this frame
	isAck   bool
	ping    []byte
	ready   []byte
}

// take takes bytes of the client.
func (f *frameReader) take(b []byte) {
	for len(b) > 0 {
		n := len(b)
		switch {
		case f.plain:
		case f.preface < len(preface):
			n = min(n, len(preface)-f.preface)
			f.plain = string(b[:n]) != preface[f.preface:][:n]
			f.preface += n
		case f.left > 0:
			n = min(n, f.left)
			if f.left -= n; f.isAck {
				f.ping = append(f.ping, b[:n]...)
			}
		default:
			n = min(n, frameHead-len(f.head))
			if f.head = append(f.head, b[:n]...); len(f.head) == frameHead {
				f.begin()
				f.end()
			}
			b = b[n:]
			continue
		}
		f.ready = append(f.ready, b[:n]...)
		b = b[n:]
		f.end()
	}
}

// begin begins a frame.
func (f *frameReader) begin() {
	kind, flags, stream := f.head[3], f.head[4], streamIn(f.head[5:])
	f.left = payload(f.head)
	f.isAck, f.ping = kind == framePing && flags&flagAck != 0, f.ping[:0]
	if kind == frameHeaders && f.opened(stream) {
		f.opens = stream
	}
	block := kind == frameHeaders || kind == frameContinued
	if f.mark = block && f.opens == stream && flags&flagEndHeaders != 0; f.mark {
		f.head[4] &^= flagEndHeaders
	}
	f.ready = append(f.ready, f.head...)
	f.head = f.head[:0]
}

// end ends a frame, if all of it has come. The header block of a request goes
// on with the field that names the stream. It is a literal without indexing,
// which leaves the compression of other fields as it is (RFC 7541, 6.2.2).
func (f *frameReader) end() {
	if f.left > 0 {
		return
	}
	if f.mark {
		value := strconv.Itoa(int(f.opens))
		field := append([]byte{0, byte(len(streamHeader))}, strings.ToLower(streamHeader)...)
		field = append(append(field, byte(len(value))), value...)
		f.ready = append(f.ready, frame(frameContinued, flagEndHeaders, f.opens, field)...)
		f.mark, f.opens = false, 0
	}
	if f.isAck {
		f.acked(f.ping)
		f.isAck = false
	}
}

// A frameWriter takes what a server sends, and makes ready what the client is
// to read.
type frameWriter struct {
	replace func(head []byte) []byte // returns what to send in place of a frame's first bytes

	begun bool   // the first frame, which must be the server's SETTINGS, has begun
	head  []byte // of the frame that is sent, without its payload
	left  int    // bytes of the frame that are still to be sent
	queue []byte // frames to be sent when this one has ended
	ready []byte
}

// take takes bytes of the server.
func (f *frameWriter) take(b []byte) {
	for len(b) > 0 {
		n := min(len(b), f.left)
		if f.left > 0 {
			f.ready = append(f.ready, b[:n]...)
			f.left -= n
		} else if n = min(len(b), f.needs()-len(f.head)); n > 0 {
			f.head = append(f.head, b[:n]...)
		}
		if b = b[n:]; f.left == 0 && len(f.head) == f.needs() {
			f.begun, f.left = true, frameHead+payload(f.head)-len(f.head)
			f.ready = append(f.ready, f.replace(f.head)...)
			f.head = f.head[:0]
		}
		f.flush()
	}
}

// flush makes the queue ready, if it may be sent now: between two frames.
func (f *frameWriter) flush() {
	if f.begun && f.left == 0 && len(f.head) == 0 {
		f.ready, f.queue = append(f.ready, f.queue...), nil
	}
}

// needs returns how many bytes of a frame say what is to become of it.
func (f *frameWriter) needs() int {
	if len(f.head) >= frameHead && (f.head[3] == frameReset || f.head[3] == frameGoAway) {
		return frameHead + 4
	}
	return frameHead
}

package codec

import "encoding/binary"

// AppendBytes appends a length and so many bytes.
func AppendBytes[B ~[]byte | ~string](b []byte, s B) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// A Cursor reads the parts of a body. After the last part, look at Bad.
type Cursor struct {
	Rest []byte
	Bad  bool
}

// Uvarint takes an unsigned number.
func (c *Cursor) Uvarint() uint64 {
	v, n := binary.Uvarint(c.Rest)
	if n <= 0 {
		c.Rest, c.Bad = nil, true
		return 0
	}
	c.Rest = c.Rest[n:]
	return v
}

// Varint takes a signed number.
func (c *Cursor) Varint() int64 {
	v, n := binary.Varint(c.Rest)
	if n <= 0 {
		c.Rest, c.Bad = nil, true
		return 0
	}
	c.Rest = c.Rest[n:]
	return v
}

// Byte takes one byte.
func (c *Cursor) Byte() byte {
	if len(c.Rest) == 0 {
		c.Bad = true
		return 0
	}
	b := c.Rest[0]
	c.Rest = c.Rest[1:]
	return b
}

// Bytes takes what AppendBytes has appended, which it does not copy.
func (c *Cursor) Bytes() []byte {
	n := c.Uvarint()
	if n > uint64(len(c.Rest)) {
		c.Rest, c.Bad = nil, true
		return nil
	}
	b := c.Rest[:n:n]
	c.Rest = c.Rest[n:]
	return b
}

package spread

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/harness/record"
)

// cut encodes a recording, and cuts it into pieces. The encoding keeps the
// fields that the recording's JSON does not have.
func cut(rec *record.Recording) (pieces [][]byte, sum string, err error) {
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(rec); err != nil {
		return nil, "", err
	}
	hash := sha256.Sum256(text.Bytes())
	for all := text.Bytes(); len(all) > 0; {
		n := min(len(all), pieceSize)
		pieces = append(pieces, all[:n])
		all = all[n:]
	}
	return pieces, hex.EncodeToString(hash[:]), nil
}

// envelope returns the message of a piece.
func envelope(run runID, index int, pieces [][]byte, i int, sum string) *nats.Msg {
	m := nats.NewMsg(run.subject("piece"))
	m.Header.Set(headerIndex, strconv.Itoa(index))
	m.Header.Set(headerPiece, strconv.Itoa(i))
	m.Header.Set(headerOf, strconv.Itoa(len(pieces)))
	m.Header.Set(headerSum, sum)
	m.Data = pieces[i]
	return m
}

// mostPieces bounds what a recording may take: 32 GB.
const mostPieces = 1 << 16

// A parcel is the pieces of a recording that have come. The zero parcel has
// none.
type parcel struct {
	pieces [][]byte
	sum    string
	came   int
}

// add adds a piece, unless it is there or is of another parcel.
func (p *parcel) add(m *nats.Msg) error {
	i, err1 := strconv.Atoi(m.Header.Get(headerPiece))
	of, err2 := strconv.Atoi(m.Header.Get(headerOf))
	sum := m.Header.Get(headerSum)
	if err1 != nil || err2 != nil || of < 1 || of > mostPieces || i < 0 || i >= of {
		return fmt.Errorf("piece %q of %q: want a number from 0 below the number of pieces", m.Header.Get(headerPiece),
			m.Header.Get(headerOf))
	}
	if p.pieces == nil {
		p.pieces, p.sum = make([][]byte, of), sum
	}
	if len(p.pieces) != of || p.sum != sum {
		return fmt.Errorf("a piece of another recording: want those of one")
	}
	if p.pieces[i] == nil {
		p.pieces[i] = append([]byte{}, m.Data...)
		p.came++
	}
	return nil
}

// whole reports whether all pieces are there.
func (p *parcel) whole() bool { return p.pieces != nil && p.came == len(p.pieces) }

// open returns the recording.
func (p *parcel) open() (*record.Recording, error) {
	if !p.whole() {
		return nil, fmt.Errorf("%d of %d pieces of its recording have come", p.came, len(p.pieces))
	}
	all := bytes.Join(p.pieces, nil)
	hash := sha256.Sum256(all)
	if got := hex.EncodeToString(hash[:]); got != p.sum {
		return nil, fmt.Errorf("the pieces of its recording have the SHA-256 %s: want %s", got, p.sum)
	}
	rec := new(record.Recording)
	if err := gob.NewDecoder(bytes.NewReader(all)).Decode(rec); err != nil {
		return nil, fmt.Errorf("its recording cannot be read: %w", err)
	}
	return rec, nil
}

package reports

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// TestPacked writes a recording under names that compress it, and reads it
// again. Equal recordings make equal files.
func TestPacked(t *testing.T) {
	recs := fixture.Troubled()
	plain := render(t, JSON(testHost, recs))
	for _, c := range []struct {
		name, unpacked, magic string
	}{
		{"run.json", "run.json", "{"},
		{"run.json.gz", "run.json", "\x1f\x8b"},
		{"run.json.zst", "run.json", "\x28\xb5\x2f\xfd"},
		{"RUN.JSON.GZ", "RUN.JSON", "\x1f\x8b"},
		{".zst", "", "\x28\xb5\x2f\xfd"},
		{"a.gz.b", "a.gz.b", "{"},
	} {
		if got := Unpacked(c.name); got != c.unpacked {
			t.Errorf("Unpacked(%q) = %q, want %q", c.name, got, c.unpacked)
		}
		var twice [2][]byte
		for i := range twice {
			path := filepath.Join(t.TempDir(), c.name)
			if err := WriteFile(path, JSON(testHost, recs)); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			twice[i] = text
		}
		if !bytes.Equal(twice[0], twice[1]) || !bytes.HasPrefix(twice[0], []byte(c.magic)) {
			t.Errorf("%s: got a file that begins with %q, want %q, and twice the same", c.name, twice[0][:4], c.magic)
		}
		if c.magic != "{" && len(twice[0]) > len(plain)/4 {
			t.Errorf("%s: got %d bytes, want at most a quarter of %d", c.name, len(twice[0]), len(plain))
		}
		host, read, err := Read(bytes.NewReader(twice[0]))
		if err != nil || render(t, JSON(host, read)) != plain {
			t.Errorf("%s: got another recording, and the error %v", c.name, err)
		}
	}
}

// TestPackedRefuses has files that say they are compressed, and are not whole,
// and such as hold something else.
func TestPackedRefuses(t *testing.T) {
	recs := fixture.Troubled()
	for _, p := range packings {
		var b bytes.Buffer
		if err := packed("x"+p.extension, JSON(testHost, recs))(&b); err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		if err := packed("x"+p.extension, Text(recs))(&page); err != nil {
			t.Fatal(err)
		}
		for name, in := range map[string][]byte{
			"the magic alone": p.magic, "half": b.Bytes()[:b.Len()/2], "a report": page.Bytes(),
			"changed": append(bytes.Clone(b.Bytes()[:b.Len()-9]), "123456789"...),
		} {
			if _, recs, err := Read(bytes.NewReader(in)); err == nil || recs != nil ||
				!strings.HasPrefix(err.Error(), "not a recording") {
				t.Errorf("%s, %s: got error %v, want that it is not a recording", p.extension, name, err)
			}
		}
	}
}

// TestReadIsStrict has keys that an encoder of Go would take for others.
func TestReadIsStrict(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"format":"teapot.recording/1","format":"teapot.recording/1"}`, `duplicate object member name "format"`},
		{`{"format":"teapot.recording/1","runs":[{"seed":1,"seed":2}]}`, `duplicate object member name "seed"`},
		{`{"FORMAT":"teapot.recording/1"}`, `its format is ""`},
		{
			`{"format":"teapot.recording/1","runs":[{"Clock":"real","delivery":"map"}]}`,
			"runs[0].Clock: unknown key: want clock",
		},
		{
			`{"format":"teapot.recording/1","runs":[{"samples":[{"seq":0},{"seq":"x"}]}]}`,
			"runs[0].samples[1].seq: got string, want a whole number",
		},
		{
			`{"format":"teapot.recording/1","runs":[{"samples":[{"finished_ns":1.5}]}]}`,
			"runs[0].samples[0].finished_ns: got 1.5, want a whole number",
		},
		{`{"runs":[],"format":"teapot.recording/2"}`, `its format is "teapot.recording/2"`},
	} {
		if _, _, err := Read(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %s", c.in, err, c.want)
		}
	}
}

// TestReadThousands reads a long recording: what stays in memory is the
// recording, and little is allocated beside it.
func TestReadThousands(t *testing.T) {
	const n = 100_000
	recs := []*record.Recording{fixture.Simulate("long", "pool", 10, n, 0)}
	var b bytes.Buffer
	if err := packed("x.gz", JSON(testHost, recs))(&b); err != nil {
		t.Fatal(err)
	}
	before := allocated()
	_, read, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	each := float64(allocated()-before) / n
	size := float64(reflect.TypeFor[record.Sample]().Size())
	t.Logf("%.0f bytes allocated for each sample of %.0f", each, size)
	if len(read[0].Samples) != n || each > 6*size {
		t.Errorf("got %d samples, %.0f bytes for each; want %d, at most %.0f", len(read[0].Samples), each, n, 6*size)
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

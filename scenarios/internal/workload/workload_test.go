package workload_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/scenarios/internal/workload"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// written returns the folder of a file with this text.
func written(t *testing.T, name, text string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestKeys has files of keys, right ones and wrong ones. wrong is part of the
// error.
func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		name, text, column string
		want               []string
		wrong              string
	}{
		{"lines", "BR\n\n  CN \r\nBR", "", []string{"BR", "CN", "BR"}, ""},
		{"lines with commas", "a,b\n# c\n", "", []string{"a,b", "# c"}, ""},
		{"a byte order mark", "\ufeffBR\n", "", []string{"BR"}, ""},
		{"CSV", "id,url\n1,/a?b=c\n2,\"/d,e\"\n", "url", []string{"/a?b=c", "/d,e"}, ""},
		{"JSON lines", `{"id": 7, "url": "/a"}` + "\n\n" + `{"url": "/bä"}`, "url", []string{"/a", "/bä"}, ""},
		{"JSON numbers", `{"id": 7}` + "\n" + `{"id": 8.50}`, "id", []string{"7", "8.50"}, ""},

		{"nothing", "\n \n", "", nil, "no keys"},
		{"a header alone", "id,url\n", "url", nil, "no rows"},
		{"no such column", "id,url\n1,/a\n", "key", nil, "line 1: no column key: it has id, url"},
		{"no such field", `{"id": 7}`, "key", nil, "line 1: no field key"},
		{"an empty key", "id,url\n1,/a\n2,\n", "url", nil, "line 3: the key is empty"},
		{"a short row", "id,url\n1,/a\n2\n", "url", nil, "line 3: the key is empty"},
		{"no string", `{"id": [7]}`, "id", nil, "line 1: id: want a string or a number"},
		{"no JSON", `{"id": 7}` + "\n{", "id", nil, "line 2: "},
		{"an open quote", "id,url\n1,\"/a\n", "url", nil, "quote"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := &workload.Keys{File: "keys", Column: tt.column}
			got, err := k.Read(written(t, "keys", tt.text))
			if wrong := err != nil; wrong != (tt.wrong != "") || !slices.Equal(got, tt.want) ||
				wrong && !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("got %q, %v, want %q, %q", got, err, tt.want, tt.wrong)
			}
		})
	}
	folder := t.TempDir()
	for name, want := range map[string]string{".": "not a regular file", "absent": "no such file"} {
		if _, err := (&workload.Keys{File: name}).Read(folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	got, err := (&workload.Keys{Count: 3, Prefix: "item-"}).Read("")
	if want := []string{"item-0", "item-1", "item-2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// parsed returns the arrivals of a document, whose files are in a folder.
func parsed(t *testing.T, folder, text string) (*workload.Arrivals, error) {
	t.Helper()
	var into struct {
		Arrivals workload.Arrivals `yaml:"arrivals"`
	}
	d := strict.Decode("x.yaml", []byte("arrivals: "+text), &into)
	into.Arrivals.Validate(d, "arrivals", folder)
	if m := d.Mistakes(); m != nil {
		return nil, m
	}
	return &into.Arrivals, nil
}

// TestTrace has files of recorded arrivals. keys are those of the arrivals,
// where others are to have a, b, a and so on.
func TestTrace(t *testing.T) {
	for _, tt := range []struct {
		name, text, extra string
		due               []time.Duration
		keys              string
		wrong             string
	}{
		{"offsets", "0\n0.25\n1.5\n", "", []time.Duration{0, 250e6, 1500e6}, "a b a", ""},
		{"durations", "0s\n250ms\n1m\n", "", []time.Duration{0, 250e6, 60e9}, "a b a", ""},
		{"keys", "0,x\n0.5,\n1,y\n", "", []time.Duration{0, 500e6, 1e9}, "x b y", ""},
		{"a header", "key,at\nx,0\ny,1\n", "", []time.Duration{0, 1e9}, "x y", ""},
		{"a header without keys", "n,at\n5,0\n6,1\n", "", []time.Duration{0, 1e9}, "a b", ""},
		{"JSON", `{"at": 0.5}` + "\n" + `{"at": "1s", "key": "x"}`, "", []time.Duration{500e6, 1e9}, "a x", ""},
		{"cut off", "0\n1\n2\n", ", for: 2s", []time.Duration{0, 1e9}, "a b", ""},

		{"back", "0\n2\n1\n", "", nil, "", "line 3: 1s comes before"},
		{"negative", "-1\n", "", nil, "", "line 1: \"-1\": want seconds"},
		{"no time", "0\nsoon\n", "", nil, "", "line 2: \"soon\": want seconds"},
		{"a time of its own", "0\n1e400\n", "", nil, "", "line 2"},
		{"empty", "", "", nil, "", "no rows"},
		{"no time in JSON", `{"key": "x"}`, "", nil, "", "line 1: no field at"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := parsed(t, written(t, "t.csv", tt.text), "{trace: t.csv"+tt.extra+"}")
			if tt.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wrong) {
					t.Errorf("got %v, want %q", err, tt.wrong)
				}
				return
			} else if err != nil {
				t.Fatal(err)
			}
			s, err := a.Schedule(1, 0)
			if err != nil {
				t.Fatal(err)
			}
			var due []time.Duration
			for seq := range s.Len() {
				at, _ := s.Due(seq)
				due = append(due, at)
			}
			keys, err := a.Keys(s, 1, []string{"a", "b"}, workload.Pick{})
			if err != nil || !slices.Equal(due, tt.due) || strings.Join(keys, " ") != tt.keys {
				t.Errorf("got %v %v %v, want %v %s", due, keys, err, tt.due, tt.keys)
			}
			_, err = a.Keys(s, 1, nil, workload.Pick{})
			if lacks := strings.ContainsAny(tt.keys, "ab"); (err != nil) != lacks || a.Recorded() == lacks {
				t.Errorf("without other keys: %v, recorded %v", err, a.Recorded())
			}
		})
	}
}

// TestPick holds the keys that are chosen to their law at several seeds: by a
// chi-square with nine degrees of freedom, which chance passes once in 10,000
// times. The seeds are fixed.
func TestPick(t *testing.T) {
	const tasks, bound = 20_000, 33.72
	for text, weight := range map[string]func(i int) float64{
		"cycle":     func(int) float64 { return 1 },
		"uniform":   func(int) float64 { return 1 },
		"zipf(1)":   func(i int) float64 { return 1 / float64(i+1) },
		"zipf(2)":   func(i int) float64 { return 1 / float64((i+1)*(i+1)) },
		"zipf(1e0)": func(i int) float64 { return 1 / float64(i+1) },
	} {
		var pick workload.Pick
		if err := pick.Parse(text); err != nil {
			t.Fatal(err)
		}
		a, err := parsed(t, "", "{rate: 20000/s, for: 1s}")
		if err != nil {
			t.Fatal(err)
		}
		var first []string
		for seed := range uint64(5) {
			s, err := a.Schedule(seed, 0)
			if err != nil {
				t.Fatal(err)
			}
			names := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
			keys, err := a.Keys(s, seed, names, pick)
			again, _ := a.Keys(s, seed, names, pick)
			if err != nil || len(keys) != tasks || !slices.Equal(keys, again) {
				t.Fatalf("%s: %d keys, %v", text, len(keys), err)
			}
			if first == nil {
				first = keys
			} else if slices.Equal(first, keys) != (text == "cycle") {
				t.Errorf("%s, seed %d: want other keys unless in turn", text, seed)
			}
			total, counts := 0.0, make([]float64, len(names))
			for i := range names {
				total += weight(i)
			}
			for _, key := range keys {
				n, _ := strconv.Atoi(key)
				counts[n]++
			}
			sum := 0.0
			for i, got := range counts {
				want := tasks * weight(i) / total
				sum += (got - want) * (got - want) / want
			}
			if sum > bound {
				t.Errorf("%s, seed %d: chi-square %.1f: %v", text, seed, sum, counts)
			}
		}
	}
	for _, text := range []string{
		"", "zipf", "zipf()", "zipf(0)", "zipf(-1)", "zipf(NaN)", "zipf(11)", "zipf(1", "random",
	} {
		if err := new(workload.Pick).Parse(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

// FuzzArrivals has no document end in a panic, nor in more tasks than may be.
func FuzzArrivals(f *testing.F) {
	for _, text := range []string{
		"{rate: 500/s, for: 1s}", "{poisson: 3/m, for: 2h}", "{ramp: [1/s, 9/s], for: 1s, poisson: true}",
		"[{burst: 3, every: 1ms, for: 1s}, {rate: 1e3/h, for: 1m}]", "{rate: 1e300/s, for: 9999h}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parsed(t, t.TempDir(), text)
		if err != nil {
			return
		}
		s, err := a.Schedule(1, 0)
		if err != nil {
			return
		}
		keys, err := a.Keys(s, 1, []string{"a"}, workload.Pick{Way: "uniform"})
		if err != nil || len(keys) != s.Len() {
			t.Errorf("%d keys of %d tasks: %v", len(keys), s.Len(), err)
		}
	})
}

// FuzzTrace has no file of arrivals end in a panic, nor in times that go back.
func FuzzTrace(f *testing.F) {
	f.Add("0,a\n1,b\n")
	f.Add("at,key\n0,a\n")
	f.Add(`{"at": 1, "key": "x"}`)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parsed(t, written(t, "t", text), "{trace: t}")
		if err != nil {
			return
		}
		if _, err := a.Schedule(1, 0); err != nil {
			t.Error(err)
		}
	})
}

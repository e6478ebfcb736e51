package harness

import (
	"iter"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// maxDump is the size up to which a dump of all stacks is read.
const maxDump = 64 << 20

// The sizes of a buffer at first, and of the largest one that is kept.
const (
	usualDump = 1 << 17
	mostKept  = 1 << 20
)

// dumps keeps buffers for later dumps: those of many small runs would be most
// of the garbage of a hunt.
var dumps sync.Pool

// dumpStacks returns the stacks of all goroutines of this process, and whether
// none is missing. size is a guess at the length: each dump stops the program.
func dumpStacks(size int) (dump string, whole bool) {
	kept, _ := dumps.Get().(*[]byte)
	var buf []byte
	if kept != nil {
		buf = *kept
	}
	if least := min(max(size+size/4, usualDump), maxDump); len(buf) < least {
		buf = make([]byte, least)
	}
	defer func() {
		if len(buf) <= mostKept {
			dumps.Put(&buf)
		}
	}()
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) || len(buf) >= maxDump {
			return string(buf[:n]), n < len(buf)
		}
		buf = make([]byte, min(4*len(buf), maxDump))
	}
}

// A goroutine is one goroutine of a stack dump.
type goroutine struct {
	header  string // "goroutine 7 [sync.Mutex.Lock, synctest bubble 1]:"
	frames  []frame
	starter frame  // the zero frame if the dump does not name it
	parent  string // the id of the goroutine that started it, "" if the dump does not name it
}

// A frame is a function and the place in it: "main.go:28".
type frame struct{ function, place string }

func (f frame) String() string { return f.function + " (" + f.place + ")" }

// inPackage returns the import path of the function's package.
func (f frame) inPackage() string {
	at := strings.LastIndexByte(f.function, '/') + 1
	name, _, _ := strings.Cut(f.function[at:], ".")
	return f.function[:at] + name
}

// goroutines yields the goroutines of a dump of the runtime's, or of goleak's
// list of them.
func goroutines(dump string) iter.Seq[goroutine] {
	return func(yield func(goroutine) bool) {
		rows := strings.Split(dump, "\n")
		for len(rows) > 0 {
			end := 1
			for end < len(rows) && !isHeader(rows[end]) {
				end++
			}
			if isHeader(rows[0]) && !yield(readGoroutine(rows[0], rows[1:end])) {
				return
			}
			rows = rows[end:]
		}
	}
}

// isHeader reports whether a line stands above a goroutine's frames.
func isHeader(row string) bool {
	return strings.HasPrefix(row, "goroutine ") || strings.HasPrefix(row, "[Goroutine ") ||
		strings.HasPrefix(row, " Goroutine ")
}

// readGoroutine reads the frames of one goroutine: pairs of a function's row
// and its file's row, the last pair "created by". A row with three dots stands
// for frames that the runtime leaves out.
func readGoroutine(header string, rows []string) goroutine {
	g := goroutine{header: header}
	for len(rows) >= 2 {
		if strings.HasPrefix(rows[0], "...") {
			rows = rows[1:]
			continue
		}
		function, where := rows[0], strings.TrimSpace(rows[1])
		rows = rows[2:]
		where, _, _ = strings.Cut(where, " +0x")
		where = path.Base(where)
		if creator, ok := strings.CutPrefix(function, "created by "); ok {
			creator, parent, known := strings.Cut(creator, " in goroutine ")
			g.starter = frame{creator, where}
			if known {
				g.parent = "goroutine " + parent
			}
			break
		}
		if open := strings.LastIndexByte(function, '('); open > 0 {
			function = function[:open]
		}
		g.frames = append(g.frames, frame{function, where})
	}
	return g
}

// readCallers reads frames as [executor.PanicError] lists them, without the
// arguments of functions.
func readCallers(list string) []frame {
	var frames []frame
	rows := strings.Split(list, "\n")
	for ; len(rows) >= 2; rows = rows[2:] {
		frames = append(frames, frame{rows[0], path.Base(strings.TrimSpace(rows[1]))})
	}
	return frames
}

// panicking returns the goroutine of its caller, which must be a deferred
// function that has recovered, as it stood at the panic.
func panicking() goroutine {
	buf := make([]byte, 64<<10)
	var g goroutine
	for g = range goroutines(string(buf[:runtime.Stack(buf, false)])) {
	}
	if at := slices.IndexFunc(g.frames, func(f frame) bool { return f.function == "panic" }); at >= 0 {
		g.frames = g.frames[at+1:]
	}
	return g
}

// at describes where the user's code of a goroutine stands: " at main.mine
// (x.go:21)". It is empty if there is none.
func at(g goroutine) string {
	f, ok := g.user()
	if !ok {
		return ""
	}
	return " at " + f.String()
}

// id returns the name of the goroutine: "goroutine 7".
func (g goroutine) id() string {
	words := strings.Fields(strings.TrimPrefix(g.header, "["))
	if len(words) < 2 {
		return ""
	}
	return "goroutine " + words[1]
}

// state returns what the goroutine does, as the runtime names it: "sleep
// (durable)", "sync.Mutex.Lock".
func (g goroutine) state() string {
	_, state, _ := strings.Cut(g.header, "[")
	state, _, _ = strings.Cut(state, "]")
	state, _, _ = strings.Cut(state, ",")
	return state
}

// place describes where the goroutine stands, and who started it.
func (g goroutine) place() string {
	top := frame{}
	for _, f := range g.frames {
		if top == (frame{}) {
			top = f
		}
		if foreign(f.function) {
			top = f
			break
		}
	}
	switch {
	case top == frame{}:
		return ""
	case g.starter == frame{}:
		return top.String()
	}
	return top.String() + ", started by " + g.starter.String()
}

// user returns the innermost frame that is neither the standard library's nor
// teapot's. ok is false if there is none.
func (g goroutine) user() (f frame, ok bool) {
	for _, f := range g.frames {
		if foreign(f.function) && !ours(f.function) {
			return f, true
		}
	}
	return frame{}, false
}

// calls reports whether a frame's function begins with one of the prefixes.
func (g goroutine) calls(prefixes ...string) bool {
	for _, f := range g.frames {
		for _, p := range prefixes {
			if strings.HasPrefix(f.function, p) {
				return true
			}
		}
	}
	return false
}

// foreign reports whether a function is outside the standard library, whose
// import paths have no dot in their first element. A module's path may lack one
// too, such as that of a program that is not published.
func foreign(function string) bool { return outside(function, plainModules()) }

// outside is foreign where the build has these modules that the dot does not
// tell from the standard library.
func outside(function string, plain []string) bool {
	first, _, deeper := strings.Cut(function, "/")
	if strings.HasPrefix(function, "main.") || deeper && strings.Contains(first, ".") {
		return true
	}
	of := strings.ReplaceAll(frame{function: function}.inPackage(), "%2e", ".")
	return slices.ContainsFunc(plain, func(module string) bool {
		return of == module || of == module+"_test" || strings.HasPrefix(of, module+"/")
	})
}

// plainModules returns the paths of the build's modules that have no dot in
// their first element, or no other element.
var plainModules = sync.OnceValue(func() (plain []string) {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, m := range append(build.Deps, &build.Main) {
		first, _, deeper := strings.Cut(m.Path, "/")
		if m.Path != "" && (!deeper || !strings.Contains(first, ".")) {
			plain = append(plain, m.Path)
		}
	}
	return plain
})

// ours reports whether a function is teapot's and not a test's of it.
func ours(function string) bool {
	of := frame{function: function}.inPackage()
	return strings.HasPrefix(of, "github.com/teapot-go/teapot/") && !strings.HasSuffix(of, "_test") &&
		!strings.Contains(of, "/testdata/")
}

// ids returns the names of the goroutines that live now.
func ids() map[string]bool {
	all := map[string]bool{}
	dump, _ := dumpStacks(0)
	for g := range goroutines(dump) {
		all[g.id()] = true
	}
	return all
}

package harness

import (
	"runtime/metrics"

	"github.com/teapot-go/teapot/harness/record"
)

// spent returns what the process has taken since it began.
func spent() record.Cost {
	counted := []metrics.Sample{
		{Name: "/gc/heap/allocs:objects"},
		{Name: "/gc/heap/tiny/allocs:objects"},
		{Name: "/gc/heap/allocs:bytes"},
	}
	metrics.Read(counted)
	return record.Cost{
		CPU:        processorTime(),
		Allocs:     counted[0].Value.Uint64() + counted[1].Value.Uint64(),
		AllocBytes: counted[2].Value.Uint64(),
	}
}

// since returns what was taken between earlier and later.
func since(earlier, later record.Cost) record.Cost {
	return record.Cost{
		CPU:        later.CPU - earlier.CPU,
		Allocs:     later.Allocs - earlier.Allocs,
		AllocBytes: later.AllocBytes - earlier.AllocBytes,
	}
}

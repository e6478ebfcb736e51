# make prints the targets; make test is what the README promises.

RACE      := $(shell command -v gcc >/dev/null 2>&1 && echo -race)
TOOL      := go tool -modfile=.ci/tools.mod
FUZZTIME  ?= 10s
FUZZSHARE ?= 1
REPEAT    ?= 20
ROUNDS    ?= 1000
PACKAGES  ?= ./...

# The Go that comes next. Its toolchain comes through the Go module proxy. These
# packages lean on the runtime and on net/http, in which a release of Go differs.
NEXT      ?= go1.27.4
LEANING   := ./harness ./executor ./executor/process ./harness/classify ./harness/matchers ./servers ./servers/admin ./servers/content ./servers/fault ./servers/latency ./servers/timer

# The specs run in parallel processes, and only there. Ginkgo refuses go test
# -count where specs are: it has --repeat instead.
SPECS     := ./scenarios
COUNTED    = $$(go list $(PACKAGES) | grep -v '/scenarios$$')

# No code and no test in these starts a goroutine, which TestPlainPackages holds
# them to. So the race detector finds nothing there, and takes five times as
# long.
PLAIN     := . ./command/internal/complete ./command/internal/trace ./harness/arrivals ./harness/bounds ./harness/checks ./harness/classify ./harness/fifo ./harness/files ./harness/oracle ./harness/record ./harness/rounded ./harness/search ./harness/seen ./reports/changes ./reports/charts ./reports/charts/history ./reports/compare ./reports/findings ./reports/formats ./reports/found ./reports/summary ./reports/text ./scenarios/explain ./scenarios/internal/workload ./scenarios/strict ./servers/flags ./servers/flags/internal/draw ./servers/taskid
RACED      = $(LONGEST) $$(go list $(PACKAGES) | grep -vxF "$$(go list ./scenarios $(PLAIN))")

# Packages whose tests take longest begin first, or one of them would run alone
# at the end.
LONGEST   := ./scenarios/internal/scenariostest ./command ./executor/executortest ./docs ./scenarios/suite ./harness

# How many packages are tested at once: many tests wait, so one more than there
# are processors. CI tests three with the race detector and two without it, by
# make -j2, so that neither waits for the last of the other.
ATONCE    ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))
UNRACED   ?= $(ATONCE)

# At its end a process under the race detector waits a second for races of the
# goroutines that are left. The tests leave none, and start many processes.
export GORACE := atexit_sleep_ms=0 $(GORACE)

# Tests of sizes, memory, rates, many seeds, every option, whole pages and other
# programs are about volume, of which the race detector makes ten times the work.
# They run without it.
SIZES     := $(shell echo \
  Thousands 'TestOptionEffects$$' 'TestNumberRanges$$' 'TestExplain$$' 'TestSchemaAgrees$$' 'TestInit$$' TestInitPlaces \
  TestForeign TestPython 'TestCompletion$$' 'TestOwn$$' 'TestExamples$$' 'TestAgainst' 'TestGoRun$$' \
  'TestVersionOfCheckout$$' 'TestCurlTask$$' TestLoiter 'TestBaseline$$' \
  'TestMutants$$' 'TestBigPayload' 'TestShutdown$$' 'TestRuns$$' 'TestSwaps$$' \
  'TestGallery$$' 'TestLaw$$' 'TestSmallest$$' 'TestOrderBugs$$' 'TestFlat$$' \
  'TestCloseUnderLoad$$' 'TestIdleConnections$$' 'TestJournalRing$$' 'TestPower$$' TestDrawn \
  'TestHTMLSize' 'TestHuge$$' 'TestReportsAreBounded$$' TestMarkdownIsBounded TestBrowser \
  'TestOneKey$$' 'TestOneKeyRetries$$' 'TestWholeTimeout$$' 'TestLongWorkload$$' 'TestGoingOn$$' TestShop 'TestLongValues$$' \
  'TestFind$$' TestFindAgain 'TestBareClients$$' 'TestPartsAgain$$' TestQueues 'TestForeseen$$' 'TestOpenRight$$' \
  TestBatchRight TestBatchWrong 'TestRepeated$$' 'TestUnprocessed$$' 'TestFlows$$' 'TestHabits$$' 'TestFiles$$' \
  TestTruthOfFaults 'TestDriver$$' 'TestLawOfProcesses$$' 'TestPurge$$' 'TestProcesses$$' 'TestArrivals$$' \
  'TestFlood$$' 'TestReads$$' TestManyRequests 'TestOptionWords$$' 'TestNonsense$$' TestRunSamples TestKeyIsStruck \
  TestBodyConsumed TestTakenForSuccess TestLongWorkload TestStreamIsFlat \
  | tr ' ' '|')
SIZED     := ./teapottest ./scenarios/internal/scenariostest ./scenarios/spread ./command ./executor/executortest ./reports/html ./scenarios/hunt ./harness ./executor ./executor/cluster ./executor/process ./servers ./reports

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run the built-in scenarios and write teapot-report.html
	go run ./cmd/teapot run ./scenarios

test: tools raced plain sized specs ## run every test, and the scenarios in parallel processes

# What is vetted is not vetted again. Beside other work on both processors some
# packages take more than the ten minutes that go test gives them.
BARE      := -vet=off -timeout=40m

# No debugger needs what takes a third of the time to link, here and in what the
# tests build.
raced plain sized specs: export GOFLAGS := -ldflags=-w $(GOFLAGS)

# vet is first, so that code that does not compile is told once.
tools:
	@test -n "$(RACE)" || echo "make: no gcc, so the race detector is off"
	@.ci/browser
	@command -v xmllint >/dev/null || echo "make: no xmllint, so the JUnit report is not held to its schema"
	go vet ./...

raced: tools
	go test $(BARE) -p $(ATONCE) $(RACE) -shuffle=on -skip '$(SIZES)' $(RACED)

plain: tools
	go test $(BARE) -p $(UNRACED) -shuffle=on $(PLAIN)

sized: plain
	go test $(BARE) -p $(UNRACED) -run '$(SIZES)' $(SIZED)

specs: sized
	go test $(BARE) $(RACE) -run '^Example' $(SPECS)
	go tool ginkgo -p $(RACE:-race=--race) --randomize-all $(SPECS)

# These hold little memory: collecting it less often takes a fifth off.
lint cross next: export GOGC = 400

lint: ## check format, modernity, modules and what staticcheck finds
	@out=$$($(TOOL) gofumpt -l .); test -z "$$out" || { echo "gofumpt would change:"; echo "$$out"; exit 1; }
	@out=$$(go fix -diff ./...); test -z "$$out" || { echo "$$out"; exit 1; }
	go mod tidy -diff
	@for m in adapters .ci/bench .ci/clients .ci/cluster .ci/cross .ci/deploy .ci/gallery .ci/load .ci/power; do go -C $$m mod tidy -diff && go -C $$m vet ./... || exit 1; done
	$(TOOL) staticcheck ./...

cross: ## check the code and the tests for the systems on which no test runs
	go -C .ci/cross run . freebsd windows darwin

next: ## build everything, and test what leans on the runtime and net/http, with the next Go, if its toolchain can be fetched
	@if ! GOTOOLCHAIN=$(NEXT) go version; then \
	  echo "make: $(NEXT) could not be fetched, so nothing was tested with it"; \
	else \
	  GOTOOLCHAIN=$(NEXT) go build ./... && \
	  GOTOOLCHAIN=$(NEXT) go test -vet=off -short -shuffle=on -skip '$(SIZES)' $(LEANING); \
	fi

api: ## print what changed in the exported API since the last tag, for a release
	@.ci/api

release: ## build static binaries of the last commit for all systems into dist, with licences, checksums and bills of materials
	@.ci/release

fuzz: ## run every fuzz target, or one in FUZZSHARE, which differ from commit to commit, for FUZZTIME (10s)
	@grep -rn --include=*_test.go --exclude-dir=testdata -o '^func Fuzz[A-Za-z0-9_]*' . | sort | sed 's|/[^/]*:[0-9]*:func | |' | \
	awk "NR % $(FUZZSHARE) == $$(git rev-list --count HEAD) % $(FUZZSHARE)" | while read -r pkg target; do \
	  echo "$$pkg $$target"; \
	  go test -vet=off -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg || exit 1; \
	done

repeat: ## run the tests of PACKAGES (all) REPEAT (20) times, shuffled
	go test $(RACE) -shuffle=on -count=$(REPEAT) -timeout=6h -skip '$(SIZES)' $(COUNTED)
	go test -count=$(REPEAT) -timeout=6h -run '$(SIZES)' $(SIZED) $(PLAIN)
	go test $(RACE) -count=$(REPEAT) -run '^Example' $(SPECS)
	go tool ginkgo -p $(RACE:-race=--race) --randomize-all --repeat=$$(($(REPEAT) - 1)) $(SPECS)

endure: ## run the built-in scenarios ROUNDS (1000) times on busy processors, and then the tests as repeat does
	.ci/endure $(ROUNDS)
	$(MAKE) repeat

bench: ## compare the executors with their peers, in one run
	go -C .ci/bench run .

bench-cluster: ## compare the executor cluster with asynq and River, in one run, and hold it to a flat memory
	go -C .ci/cluster run .

bench-load: ## compare the load generators of the machine with teapot's, in one run of four minutes at most
	go -C .ci/load run .

adapters: ## hold the pools of other libraries to the law, and write what each keeps into the docs
	go -C adapters test . -update

power: ## plant a tenth more CPU in a build, and count how often the verdicts find it (half an hour)
	go -C .ci/power run .

clients: ## run curl, wget, fasthttp, Python and Node against every fault, and write what each reports
	go -C .ci/clients run . -o ../../servers/fault/CLIENTS.md

gallery: ## try clients of real libraries, correct and wrong ones, and write what teapot says of each
	go -C .ci/gallery run . -seeds 1000 -real 104 -o ../../docs/gallery.md

picture: ## draw docs/report.png, the report of a built-in scenario, with Chromium
	@out=$$(mktemp -d); trap 'rm -r "$$out"' EXIT; \
	go run ./cmd/teapot run --quiet --report "$$out/report.html" scenarios/error-100.yaml && \
	$$(command -v chromium || command -v chromium-browser || command -v google-chrome || command -v chrome) --headless --no-sandbox \
	  --disable-gpu --hide-scrollbars --user-data-dir="$$out" --window-size=1100,980 --screenshot=docs/report.png "file://$$out/report.html" 2>/dev/null

golden: ## rewrite the golden files, the schemas and the docs
	go test $$(grep -rl --include=*_test.go 'flag.Bool("update"' . | grep -v '^./adapters/' | xargs -n1 dirname | sort -u) -update

.PHONY: help run test tools raced plain sized specs lint cross next api release fuzz repeat endure bench bench-cluster bench-load adapters power clients gallery picture golden

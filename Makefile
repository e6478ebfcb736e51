# make prints the targets; make test is what the README promises.

RACE      := $(shell command -v gcc >/dev/null 2>&1 && echo -race)
TOOL      := go tool -modfile=.ci/tools.mod
FUZZTIME  ?= 10s
REPEAT    ?= 20

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run the built-in scenarios and write teapot-report.html
	go run ./cmd/teapot run ./scenarios

test: ## run every test, and the scenarios in parallel processes
	@test -n "$(RACE)" || echo "make: no gcc, so the race detector is off"
	@.ci/browser
	@command -v xmllint >/dev/null || echo "make: no xmllint, so the JUnit report is not held to its schema"
	go vet ./...
	go test $(RACE) -shuffle=on ./...
	go tool ginkgo -p $(RACE:-race=--race) --randomize-all ./scenarios

lint: ## check format, modernity, modules and what staticcheck finds
	@out=$$($(TOOL) gofumpt -l .); test -z "$$out" || { echo "gofumpt would change:"; echo "$$out"; exit 1; }
	@out=$$(go fix -diff ./...); test -z "$$out" || { echo "$$out"; exit 1; }
	go mod tidy -diff
	@for m in .ci/bench .ci/clients .ci/power; do go -C $$m mod tidy -diff && go -C $$m vet ./... || exit 1; done
	$(TOOL) staticcheck ./...

fuzz: ## run every fuzz target for FUZZTIME (10s)
	@for pkg in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$target"; \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg || exit 1; \
	  done; \
	done

repeat: ## run every test REPEAT (20) times over, shuffled
	go test $(RACE) -shuffle=on -count=$(REPEAT) ./...
	go tool ginkgo -p $(RACE:-race=--race) --randomize-all --repeat=$$(($(REPEAT) - 1)) ./scenarios

bench: ## compare the executors with their peers, in one run
	go -C .ci/bench run .

law: ## hold the peers to the law of executors
	go -C .ci/bench run . -law

power: ## plant a tenth more CPU in a build, and count how often the verdicts find it (half an hour)
	go -C .ci/power run .

clients: ## have curl, wget, fasthttp, Python and Node meet every fault, and write what they made of it
	go -C .ci/clients run . -o ../../servers/fault/CLIENTS.md

picture: ## draw docs/report.png, the report of a built-in scenario, with Chromium
	@out=$$(mktemp -d); trap 'rm -r "$$out"' EXIT; \
	go run ./cmd/teapot run --quiet --report "$$out/report.html" scenarios/error-100.yaml && \
	$$(command -v chromium || command -v chromium-browser || command -v google-chrome || command -v chrome) --headless --no-sandbox \
	  --disable-gpu --hide-scrollbars --user-data-dir="$$out" --window-size=1100,1000 --screenshot=docs/report.png "file://$$out/report.html" 2>/dev/null

golden: ## rewrite the golden files, the schemas and the docs from what the code makes today
	go test ./servers ./scenarios/internal/scenariostest ./reports -update

.PHONY: help run test lint fuzz repeat bench law power clients picture golden

# Everything that is done with this repository, as targets. It needs Go (1.25 or newer), git and GNU make;
# the only network is the Go module proxy. `make` alone prints what there is.

SHELL         := bash
.SHELLFLAGS   := -euo pipefail -c
MAKEFLAGS     += --no-print-directory
.DEFAULT_GOAL := help

BIN   := $(CURDIR)/bin
DEMO  := .demo
BUILD := go build -trimpath -buildvcs=false
# The race detector wants a C compiler. Without one the tests still run, and say that they ran without it.
RACE  := $(if $(shell command -v $$(go env CC)),-race)

# How long `make demo` and `make try` run (empty: until Ctrl-C), and `make soak` plays accidents (empty: 10m).
DURATION ?=
# Of `make soak`: the seed of a run that is to be played again, and how often to kill the collector instead of playing for a
# time. A hundred kills of a collector at work take five minutes.
SEED  ?=
KILLS ?=
# Passed to go test by `make test`, for example: make test TESTFLAGS='-run TestResume -v'
TESTFLAGS ?=
# How long `make fuzz` looks for trouble with each target, and which targets it takes: make fuzz FUZZ=FuzzWindow FUZZTIME=5m
FUZZTIME ?= 10s
FUZZ     ?= Fuzz

.PHONY: help
help: ## Print this list.
	@echo "Usage: make <target>"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Build and run

.PHONY: build
build: collector simulator ## Build bin/otelcol-vcenter (the collector) and bin/vcenter-sim (a simulated vCenter).

# Whether there is something to do is decided by go's own build cache: a second build is a second or two.
.PHONY: collector
collector:
	@[ -x "$(BIN)"/otelcol-vcenter ] || echo "building bin/otelcol-vcenter: the first build downloads and compiles a whole collector and takes some minutes"
	@cd cmd/otelcol-vcenter && CGO_ENABLED=0 $(BUILD) -ldflags='-s -w' -o "$(BIN)"/otelcol-vcenter . \
	  || { echo "if go.mod has changed: make generate, which takes its versions over to cmd/otelcol-vcenter" >&2; exit 1; }

.PHONY: simulator
simulator:
	@[ -x "$(BIN)"/vcenter-sim ] || echo "building bin/vcenter-sim"
	@CGO_ENABLED=0 $(BUILD) -o "$(BIN)"/vcenter-sim ./cmd/vcenter-sim

.PHONY: console
console:
	@cd tools && CGO_ENABLED=0 $(BUILD) -o "$(BIN)"/console ./console

.PHONY: demo
demo: build console ## Follow a simulated vCenter, its events and changes, until Ctrl-C (or DURATION=20s); run it again, and it goes on.
	@"$(BIN)"/console -collector "$(BIN)"/otelcol-vcenter -simulator "$(BIN)"/vcenter-sim -config config/demo.yaml \
	  -dir $(DEMO) $(if $(DURATION),-duration $(DURATION))

# The variables are looked at before anything is built: nobody should wait minutes to be told of a missing name.
define need
	@[ -n "$${$(1):-}" ] || { echo "make try: $(1) is not set; it is $(2)" >&2; exit 2; }
endef

.PHONY: try
try: ## Follow your own vCenter on the console, the last hour first, storing nothing: VCENTER_URL, VCENTER_USERNAME, VCENTER_PASSWORD.
	$(call need,VCENTER_URL,the address of your vCenter: https://vcenter.example.com)
	$(call need,VCENTER_USERNAME,a user that may read: otel@vsphere.local)
	$(call need,VCENTER_PASSWORD,the password of that user)
	@$(MAKE) collector console
	@"$(BIN)"/console -collector "$(BIN)"/otelcol-vcenter -config config/console.yaml $(if $(DURATION),-duration $(DURATION))

## Test

.PHONY: test
test: build ## Run every test, with the race detector and in shuffled order.
	@[ -n "$(RACE)" ] || echo "no C compiler found: the tests run without the race detector"
	cd tools && go test $(RACE) -shuffle=on ./...
	OTELCOL="$(BIN)"/otelcol-vcenter VCENTER_SIM="$(BIN)"/vcenter-sim go test $(RACE) -shuffle=on -timeout 15m $(TESTFLAGS) ./...

# The committed corpora run with every `make test`; this looks for more. go test fuzzes one target at a time. What fails is
# left in the package's testdata/fuzz: give the file a telling name, and keep it.
.PHONY: fuzz
fuzz: ## Feed every fuzz target with random input, FUZZTIME=10s each.
	@grep -r --include='*_test.go' --exclude-dir=tools -o '^func $(FUZZ)[A-Za-z0-9]*' . | sort \
	  | while IFS=: read -r file target; do target=$${target#func }; echo "fuzz: $$target ($$(dirname "$$file"))"; \
	    go test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=1s "$$(dirname "$$file")" </dev/null; done

.PHONY: soak
soak: build ## Play random accidents for DURATION (10m), or KILLS=100 of one kind, then judge. SEED plays a run again.
	OTELCOL="$(BIN)"/otelcol-vcenter VCENTER_SIM="$(BIN)"/vcenter-sim go test $(RACE) -count=1 -v -timeout 24h ./e2e -run '^TestSoak$(if $(KILLS),$$)' \
	  -soak.duration=$(or $(DURATION),10m) -soak.seed=$(or $(SEED),0) -soak.kills=$(or $(KILLS),0)

.PHONY: check
check: check-format check-vet check-rules check-generated ## Check format, go vet, staticcheck, house rules, pinned versions and generated files.
	@echo "check: all good"

# What ocb writes is not formatted by gofmt, and is not ours to format.
.PHONY: check-format
check-format:
	@files=$$(gofmt -l . | grep -v '^cmd/otelcol-vcenter/' || true); \
	  [ -z "$$files" ] || { echo "not formatted (gofmt -w):"; echo "$$files"; exit 1; }

.PHONY: check-vet
check-vet: bin/staticcheck
	@for module in . tools; do (cd $$module && go vet ./... && "$(BIN)"/staticcheck ./...); done

.PHONY: check-rules
check-rules:
	@go test -count=1 ./internal/rules

# Generates in a copy and compares it with what it was, so that neither uncommitted work nor a half-done generation can
# disturb the answer. The copy is a folder named as the package, which is what the link of `make generate` is for.
.PHONY: check-generated
check-generated: bin/mdatagen bin/builder
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; copy=$$tmp/vcenterstreamreceiver; mkdir "$$copy"; \
	  tar -c --exclude=./.git --exclude=./bin --exclude=./$(DEMO) --exclude=./vcenterstreamreceiver . | tar -x -C "$$copy"; \
	  cp -R "$$copy" "$$tmp/before"; \
	  (cd "$$copy" && "$(BIN)"/mdatagen metadata.yaml && "$(BIN)"/builder --config builder-config.yaml --skip-compilation) >"$$tmp/log" 2>&1 \
	    || { cat "$$tmp/log"; exit 1; }; \
	  diff -r "$$tmp/before" "$$copy" || { echo "generated files are out of date: make generate"; exit 1; }

.PHONY: bench
bench: build ## Measure what it costs: beside govmomi, inventories, throughput, latency, memory, size; print each beside its goal.
	@cd tools && go run ./bench -C ..

## Maintain

# mdatagen names the test package after the folder that it runs in, and a clone may be called anything: so it runs
# through a link that is called as the package.
.PHONY: generate
generate: bin/mdatagen bin/builder ## Write metadata code (mdatagen) and cmd/otelcol-vcenter (ocb) anew.
	@ln -sfn . vcenterstreamreceiver && cd vcenterstreamreceiver && "$(BIN)"/mdatagen metadata.yaml
	@rm -f vcenterstreamreceiver
	@"$(BIN)"/builder --config builder-config.yaml --skip-compilation

bin/mdatagen bin/builder: tools/go.mod
	@echo "building $@"
	@cd tools && $(BUILD) -o "$(BIN)"/$(@F) go.opentelemetry.io/collector/cmd/$(@F)

bin/staticcheck: tools/lint/go.mod
	@echo "building $@"
	@cd tools/lint && $(BUILD) -o "$(BIN)"/$(@F) honnef.co/go/tools/cmd/staticcheck

.PHONY: clean
clean: ## Remove what was built and what the demo kept.
	rm -rf bin $(DEMO) vcenterstreamreceiver

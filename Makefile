# Everything one does with Modeldock from a checkout. Each target does its own set-up.

CARGO ?= cargo
# The window embeds the page only with this feature; one set of features for every target means one build.
FEATURES := --features modeldock-desktop/custom-protocol
BIN := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)/debug

.PHONY: help run demo build test test-long check bench docs screenshots setup page clean

help:
	@echo "make demo         try it: sample installs, a simulated Civitai, the library in a window or a browser"
	@echo "make run          build and open Modeldock"
	@echo "make test         everything CI runs"
	@echo "make check        formatting, lints, types, boundaries"
	@echo "make bench        measure"
	@echo "make docs         write docs/reference.md and the README's pictures anew"

setup:
	@scripts/setup.sh build

page: setup
	@cd ui && npm run --silent build

build: page
	$(CARGO) build --workspace $(FEATURES)

run: build
	$(BIN)/modeldock-desktop

# On a terminal the demo stays open until Ctrl-C; in a script it ends after printing what it found.
demo: build
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/modeldock demo; else $(BIN)/modeldock demo --exit; fi

test:
	@scripts/setup.sh test
	@scripts/test.sh

# Long campaigns: the same tests with many more rounds, and with faults built in that they must notice.
test-long:
	@scripts/setup.sh long
	@MODELDOCK_TEST_ROUNDS=long scripts/test.sh
	@scripts/power_cuts.sh
	@scripts/sabotage.sh

check:
	@scripts/setup.sh build
	$(CARGO) fmt --all --check
	@cd ui && npm run --silent build
	$(CARGO) clippy --workspace --all-targets $(FEATURES) -- -D warnings
	@cd ui && npm run --silent typecheck && npm run --silent lint
	@scripts/boundaries.sh
	$(CARGO) test -p modeldock-core --test core -- bindings
	@if command -v cargo-deny >/dev/null; then $(CARGO) deny check; else echo "cargo-deny is not installed: not checked"; fi

bench: page
	$(CARGO) bench -p modeldock-cli --bench library
	$(CARGO) bench -p modeldock-cli --bench hashing
	$(CARGO) bench -p modeldock-cli --bench knowing
	$(CARGO) bench -p modeldock-cli --bench downloading
	@scripts/setup.sh test
	$(CARGO) build --release --workspace --bins --example bare $(FEATURES)
	@tests/e2e/bench.sh

docs: build
	@$(BIN)/modeldock reference > docs/reference.md
	@scripts/screenshots.sh

screenshots: build
	@scripts/setup.sh test
	@scripts/screenshots.sh

clean:
	$(CARGO) clean
	rm -rf ui/dist ui/node_modules

# Harbor Fleet. `make` alone lists the targets.

.DEFAULT_GOAL := help
BIN := .venv/bin

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: ## Make .venv with all that the demo needs (demo does it by itself)
	@bash .ci/setup demo

.PHONY: demo
demo: setup ## Run Harbor with twelve sailing vessels; ARGS=--reset starts anew
	@exec $(BIN)/harbor demo $(ARGS)

.PHONY: setup-dev
setup-dev: ## Add the tools for tests and checks to .venv (they do it by themselves)
	@bash .ci/setup dev

.PHONY: test
test: setup-dev ## Run all tests with coverage; ARGS="-k outage" chooses some
	@bash .ci/chromium
	$(BIN)/pytest --cov --cov-report=term-missing:skip-covered $(ARGS)

.PHONY: test-fast
test-fast: setup-dev ## Run the tests that need neither a browser nor the whole system
	$(BIN)/pytest -m "not journey and not browser" $(ARGS)

.PHONY: check
check: setup-dev ## Check style, types and the direction of imports, as the build does
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if [ -x node_modules/.bin/tsc ]; then set -x; node_modules/.bin/tsc --noEmit; \
	else echo "No TypeScript here (npm ci), so the pages' scripts are not checked."; fi

.PHONY: fix
fix: setup-dev ## Repair what can be repaired of style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: bench bench-ingest bench-feed bench-map bench-refusals bench-decoders bench-imports
bench: bench-ingest bench-feed ## Measure the write path, then the live feed
bench-ingest: setup-dev ## Measure positions a second, from the webhook to the commit
	$(BIN)/python -m bench.ingest $(ARGS)
bench-refusals: setup-dev ## Measure whether time tells why a signature was refused
	$(BIN)/python -m bench.refusals $(ARGS)
bench-decoders: setup-dev ## Measure every format's decoder beside the bare parser
	$(BIN)/python -m bench.decoders $(ARGS)
bench-imports: setup-dev ## Measure the import of a million positions (ARGS="--rows 100000")
	$(BIN)/python -m bench.imports $(ARGS)
bench-feed: setup-dev ## Measure the feed beside bare C and nchan (ARGS=--quick)
	$(BIN)/python -m bench.feed $(ARGS)
bench-map: setup-dev ## Measure the map with 10,000 vessels at 1 Hz, 40 minutes (ARGS=--quick)
	@bash .ci/chromium
	$(BIN)/python -m bench.map $(ARGS)

.PHONY: proof
proof: setup-dev ## Break everything under load, and check that nothing acknowledged is lost
	$(BIN)/python -m tests.proof $(ARGS)

.PHONY: signalk
signalk: setup-dev ## Add a real Signal K server (npm, 270 MB): its journey uses it from then on
	npm install --prefix .venv/signalk --ignore-scripts --no-audit --no-fund signalk-server@2.23.0

.PHONY: fuzz
fuzz: setup-dev ## Try to break every decoder for ten minutes (ARGS="--seconds 60 ais")
	$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: docs
docs: setup-dev ## Write docs/configuration.md from the settings
	@if $(BIN)/harbor settings --markdown > .venv/configuration.md; \
	then mv .venv/configuration.md docs/configuration.md; echo "docs/configuration.md"; \
	else rm -f .venv/configuration.md; exit 1; fi

.PHONY: words
words: setup-dev ## Bring new texts of the pages into the catalogues of harbor/locales/
	@bash .ci/words

.PHONY: screens
screens: setup-dev ## Picture the pages of a running demo into docs/screens/
	@bash .ci/chromium
	$(BIN)/python docs/screens/make_screens.py

.PHONY: clean
clean: ## Delete caches and builds; .venv and the demo's data in .harbor stay
	rm -rf build dist .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis
	find harbor tests bench migrations -name __pycache__ -type d -prune -exec rm -rf {} +

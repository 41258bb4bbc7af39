.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
export LANG := C.UTF-8

.PHONY: help
help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-16s %s\n", $$1, $$2}'

.PHONY: demo
demo: ## set everything up and open the console of one sub-centre, syncing with its own district centre
	@packaging/setup.sh run
	@$(PYTHON) main.py demo

.PHONY: demo-line-down
demo-line-down: ## end the demo's district centre: the line is down
	@$(PYTHON) main.py demo-line down

.PHONY: demo-line-up
demo-line-up: ## start the demo's district centre again
	@$(PYTHON) main.py demo-line up

# Two more than there are cores, as many tests wait for another process or for the disk: on two cores 586 s with four, 644 with
# three. Each worker takes 1.4 GB in the end.
TEST_WORKERS ?= $(shell n=$$(nproc); echo $$((n < 4 ? n + 2 : 5)))
.PHONY: test
test: ## set everything up and run the tests, windows included, with no display (ten minutes)
	@packaging/setup.sh test
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -q -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: test-landing
test-landing: ## the tests that `make test` has no room for: every role, screen and old store, both databases, a short run of faults, what checks the worlds (some minutes)
	@packaging/setup.sh test
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -q -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder -m landing

HOURS ?= "2027-01-16 00:05" "2026-12-31 23:57" "2027-01-13 12:30"
.PHONY: test-hours
test-hours: ## the tests at other hours: Saturday night, over the New Year, at lunch, in a year without its notice (half an hour)
	@packaging/setup.sh faults
	@for hour in $(HOURS); do echo "$$hour"; QT_QPA_PLATFORM=offscreen $(PYTHON) -m tests.at_hour "$$hour" \
	  -q -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder || exit 1; done

.PHONY: test-input-methods
test-input-methods: ## type Chinese into the console through real fcitx5 and ibus (installs both; a minute or two)
	@packaging/setup.sh input
	@REAL_TESTS=must $(PYTHON) -m pytest -q -m long tests/real/test_input_method.py

.PHONY: test-fit
test-fit: ## every page of every desk in both languages at every text size: is a word cut off (some minutes)
	@packaging/setup.sh test
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -q -n 2 -m "" tests/ui/test_words_fit.py

.PHONY: meetings
meetings: ## what both clerks see when their acts meet: the windows driven again, and their pictures taken (some minutes)
	@packaging/setup.sh test
	@MEETINGS=docs/images/meetings QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -q -m landing tests/ui/test_acts_meet.py tests/ui/test_acts_meet_too.py

SMALL_WORLDS ?= 300
LARGE_WORLDS ?= 5
NEW_YEAR_WORLDS ?= 20
ROUNDS_WORLDS ?= 30
.PHONY: world-small
world-small: ## break sync on purpose in 300 small, 5 large, 20 New Year's and 30 worlds of whole rounds, all seeded, and every rule of it once (a quarter of an hour)
	@packaging/setup.sh test
	@$(PYTHON) -m tests.world --small $(SMALL_WORLDS) --large-worlds $(LARGE_WORLDS) --new-year $(NEW_YEAR_WORLDS) --rounds $(ROUNDS_WORLDS)
	@$(PYTHON) -m pytest -q -n 2 -m long tests/world

.PHONY: world
world: ## 10,000 small, 50 large and 1,000 worlds of whole rounds in chunks; goes on where it was interrupted (hours; docs/world/results.jsonl)
	@packaging/setup.sh test
	@$(PYTHON) -m tests.world --small 10000 --large-worlds 50 --rounds 1000 --record docs/world/results.jsonl

.PHONY: faults
faults: ## kill, cut, fill, restore and unplug real processes, and look at everything afterwards (root; half an hour; docs/faults)
	@packaging/setup.sh faults
	@$(PYTHON) -m tests.faults --kind kill --count 20 --runs 11 --record docs/faults/results.jsonl
	@$(PYTHON) -m tests.faults --kind restore --count 1 --runs 8 --record docs/faults/results.jsonl
	@$(PYTHON) -m tests.faults --kind lines --count 6 --runs 4 --record docs/faults/results.jsonl
	@$(PYTHON) -m tests.faults --kind full --count 6 --runs 4 --record docs/faults/results.jsonl
	@$(PYTHON) -m tests.faults --kind errors --count 6 --runs 4 --record docs/faults/results.jsonl
	@$(PYTHON) -m tests.faults --kind clocks --count 8 --runs 4 --record docs/faults/results.jsonl
	@$(PYTHON) -m tests.faults --kind power-cut --count 200 --runs 2 --record docs/faults/results.jsonl
	@$(PYTHON) -m tests.faults --sum docs/faults/results.jsonl

.PHONY: check
check: ## style, types, layers, dangerous words, 400 lines, words and translations, docs
	@packaging/setup.sh test
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy main.py models services ui desktop district
	@.venv/bin/lint-imports
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -q tests/architecture tests/docs tests/ui/test_words.py tests/ui/test_catalogue.py

.PHONY: bench
bench: ## print ratios against floors in the same run
	@packaging/setup.sh run
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m tests.bench

.PHONY: screenshot
screenshot: ## take the README's pictures again
	@packaging/setup.sh run
	@$(PYTHON) main.py screenshot docs/images

.PHONY: prove-fresh
prove-fresh: ## both README commands in fresh Debian chroots (needs root and debootstrap)
	@packaging/prove_fresh.sh bookworm
	@packaging/prove_fresh.sh trixie

.PHONY: bundle
bundle: ## build the one-folder program and let it migrate a sample store
	@packaging/setup.sh run
	@packaging/build_bundle.sh

.PHONY: lock
lock: ## write requirements.lock anew (needs uv on the PATH)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command 'make lock' requirements-dev.in -o requirements.lock

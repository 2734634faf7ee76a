# `make demo` and `make test` set up everything they need in ./.venv, pinned by constraints.txt.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= 2
export OMP_NUM_THREADS ?= 1

.PHONY: help demo test other dist bridges studio check format bench evaluate slow reliability docs gallery formats clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt $(wildcard plugins/*/pyproject.toml)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	# torch alone first: with it present, nothing that follows may bring another build of it
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt torch hatchling
	# azula asks for torchvision, of which nothing here is used
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt --no-deps azula
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt --no-build-isolation -e '.[dev]' $(foreach plugin,$(filter-out plugins/studio/%,$(wildcard plugins/*/pyproject.toml)),-e '$(dir $(plugin))[test]')
	# gradio asks for an older Pillow than is pinned here: it gets a folder of its own, see `make studio`
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e plugins/studio
	touch $(READY)

demo: $(READY)  ## videos from one blurred photograph and from a toy clip; pictures are in the run directories it prints
	$(BIN)/invsolve run recipes/photo_to_video.yaml
	$(BIN)/invsolve run recipes/vdm_md_fast.yaml

TESTS := tests $(filter-out plugins/deepinv/tests,$(wildcard plugins/*/tests))
test: $(READY) check  ## lint, types, architecture and all tests (under 10 minutes on two cores)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(TESTS)
	-$(MAKE) --no-print-directory $(BRIDGES)
	$(BIN)/python -m pytest plugins/deepinv/tests

OTHER ?= 3.13
other:  ## `make test` under another Python, OTHER=3.13, where the machine has it; in .venv-3.13
	@if python$(OTHER) -c '' 2>/dev/null; then $(MAKE) test PYTHON=python$(OTHER) VENV=.venv-$(OTHER); \
	else echo "python$(OTHER) is not here: nothing was tested under it"; fi

dist: $(READY)  ## wheels and sdists of all distributions in dist/, checked, installed elsewhere and run there
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt build twine
	$(BIN)/python tools/dist.py

# deepinv needs torchvision, which has no build for just any torch: both get a folder that only its bridge's tests look
# into, in a process of their own (46 MB, seconds). Where they cannot be had, those tests are skipped.
BRIDGES := $(VENV)/bridges/.ready
$(BRIDGES): plugins/deepinv/tests/requirements.txt | $(READY)
	rm -rf $(@D)
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --target $(@D) -r $<
	touch $@

bridges: $(BRIDGES)  ## the tests of plugins/deepinv against deepinv itself, slow ones too
	$(BIN)/python -m pytest plugins/deepinv/tests
	$(BIN)/python -m pytest -m slow plugins/deepinv/tests

# gradio wants an older Pillow and tomlkit than are pinned, and takes 290 MB: a folder that joins the path for these tests
STUDIO := $(VENV)/studio/.ready
$(STUDIO): plugins/studio/tests/requirements.txt | $(READY)
	rm -rf $(@D)
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --target $(@D) -r $<
	touch $@

studio: $(STUDIO)  ## the tests of plugins/studio with gradio, and in a browser where there is Chromium
	PYTHONPATH=$(abspath $(VENV)/studio) $(BIN)/python -m pytest -m 'slow or not slow' plugins/studio/tests

check: $(READY)  ## formatting, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## rewrite the sources in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: export MALLOC_TRIM_THRESHOLD_ = 4000000000
bench: export MALLOC_MMAP_THRESHOLD_ = 4000000000
bench: $(READY)  ## speed as ratios, minutes; tests/benchmarks/README.md explains the tables
	$(BIN)/python tests/benchmarks/operators.py
	$(BIN)/python tests/benchmarks/sampling_speed.py

EVALUATE := $(BIN)/invsolve evaluate
evaluate: $(READY)  ## the tables of README and docs/vdm_md.md, in runs/evaluation/; two and a half hours of one core, resumable
	$(EVALUATE) recipes/vdm_md_fast.yaml --clips 0..200 --moving 0.01 --set samples=8
	$(EVALUATE) recipes/vdm_md.yaml recipes/vdm_md_fast.yaml --clips 0..20 --set samples=1
	$(EVALUATE) recipes/vdm_md_mismatch_smooth.yaml recipes/vdm_md_mismatch_less_smooth.yaml --clips 0..60 --set samples=1
	$(EVALUATE) recipes/vdm_md_fast.yaml --clips 0..20 --set samples=16
	$(EVALUATE) recipes/vdm_md_fast.yaml --clips 0..5 --set samples=64
	$(EVALUATE) recipes/vdm_md_linear_light.yaml recipes/video_deblur.yaml --clips 0..20 --set samples=2

slow: $(READY)  ## what takes minutes: long oracles, real installations
	$(BIN)/python -m pytest -m slow $(TESTS)

reliability: $(READY)  ## docs/reliability.md: fuzzers, kills, full disks; many hours of one core, resumable
	$(BIN)/python -m tests.reliability --page docs/reliability.md

gallery: $(READY)  ## pictures of what each operator does, in docs/gallery/
	$(BIN)/python tools/gallery.py

# The site's tools are not needed for anything else, and some of theirs come in other versions than ours: a folder apart.
SITE := $(VENV)/site/.ready
$(SITE): constraints.txt | $(READY)
	rm -rf $(@D)
	$(BIN)/python -m pip install --disable-pip-version-check -q --target $(@D) -c constraints.txt zensical mkdocstrings-python latex2mathml
	touch $@

docs: $(SITE)  ## the manual in site/, with every picture made and every link checked; two minutes, no network
	PYTHONPATH=$(CURDIR)/$(VENV)/site $(BIN)/python -m tools.site

formats: $(READY)  ## docs/formats.md: what is read of each format, tried
	$(BIN)/python tools/formats.py

clean:  ## remove caches, not runs/ and not .venv
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks build dist

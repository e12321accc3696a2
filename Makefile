# The chores. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format bench soak schema zalo-playground

help: ## list these chores
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup: $(VENV)/.runs ## prepare .venv with what the product needs

run: $(VENV)/.runs ## start the product; the first start sets everything up
	@$(PY) -m bot run

zalo-playground: $(VENV)/.runs ## try the Zalo Official Account offline, in the browser
	@$(PY) -m tests.support.zalo_playground

# The hash seed is fixed because parameters come from sets, and the workers must collect the same tests.
test: $(VENV)/.tests ## run the tests (heavy things are sampled)
	PYTHONHASHSEED=0 $(PY) -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

lint: $(VENV)/.tests ## check format, lint, types and content
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(PY) -m bot check

format: $(VENV)/.tests ## put the code in its format
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

schema: $(VENV)/.runs ## write content/schema/ anew from the models
	$(PY) -m bot schema

bench: $(VENV)/.tests ## measure in full; numbers go to bench/results/
	$(PY) -m bench.turns
	$(PY) -m bench.web
	$(PY) -m bench.telegram
	$(PY) -m bench.zalo
	$(PY) -m bench.reminders
	$(PY) -m bench.tips
	$(PY) -m bench.understanding
	$(PY) -m bench.desk

soak: $(VENV)/.tests ## the heavy tests in full; numbers go to bench/results/
	CAMTAY_SOAK=1 $(PY) -m pytest tests/test_crash.py tests/test_reminder_soak.py tests/channels/test_telegram_storm.py tests/channels/test_tip_storm.py tests/channels/test_zalo_oa.py tests/desk/test_stored_words.py tests/dialogue/test_random_walks.py --timeout 3600

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Cần Python 3.11 trở lên (đang là %s). Đặt PYTHON=python3.11 rồi chạy lại." % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runs: requirements.txt | $(VENV)/bin/python
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.tests: requirements-dev.txt $(VENV)/.runs
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

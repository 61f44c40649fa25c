# Everything a user or a CI job starts. `make` alone explains itself.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow bench weights lint coverage clean

ACTIVATE := source activate.sh

help: ## Show this help
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## Install everything this repository needs (again and again: what is in place stays)
	@PYTHON="$(PYTHON)" setup/setup.sh

demo: setup ## See a robot plan in video and improve itself, on a laptop
	@$(ACTIVATE) && adapt demo

test: setup ## Run the tests; at least 85 % of the ROS-free library must be covered
	@$(ACTIVATE) && pytest -m "not slow" -n 2 --dist loadgroup --cov --cov-report=term --cov-fail-under=85 $(ARGS)

test-slow: setup ## Run the tests that take minutes
	@$(ACTIVATE) && pytest -m slow $(ARGS)

bench: setup ## Measure, each against its naive baseline
	@$(ACTIVATE) && adapt bench $(ARGS)

weights: setup ## Train the weights that the repository ships
	@$(ACTIVATE) && adapt train weights $(ARGS)

lint: setup ## Style, types and import rules
	@$(ACTIVATE) && pytest tests/test_lint.py $(ARGS)

coverage: test ## Write the coverage of the last test run to htmlcov/
	@$(ACTIVATE) && coverage html

clean: ## Remove what set-up and builds made
	rm -rf .venv build install log

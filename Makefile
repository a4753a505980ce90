# `make` builds .venv from the locked requirements; `make demo` shows a territory; `make test` judges the tree.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := .venv
.DELETE_ON_ERROR:

PYTHON ?= python3
PIP := .venv/bin/pip --disable-pip-version-check --quiet
PIP_ROOT_USER_ACTION := ignore
export PIP_ROOT_USER_ACTION
# uv writes no address of an index in the locks unless asked to: each machine takes the packages from where it is told to.
VERROU := uv pip compile --quiet --universal --python-version 3.11 --no-header --generate-hashes
UV := $(VERROU) --allow-unsafe --extra install

.PHONY: .venv bench demo test lint format lock test-neuf test-paquet test-hostile roue paquets-de-test

.venv: .venv/.pret

# Debian splits ensurepip away from python3: without it `python3 -m venv` fails half-way.
.venv/bin/python:
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
			echo "Installation de python3-venv et ca-certificates…"
			apt-get update -qq
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
				python3-venv ca-certificates >/dev/null
		else
			echo "Il manque de quoi créer un environnement Python : installez les paquets python3-venv et ca-certificates (en root : apt-get install python3-venv ca-certificates), puis relancez make." >&2
			exit 1
		fi
	fi
	if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
		echo "Partiteur demande Python 3.11 ou plus récent ; « $(PYTHON) » est $$($(PYTHON) --version). Installez une version plus récente, puis relancez make PYTHON=python3.12 (par exemple)." >&2
		exit 1
	fi
	$(PYTHON) -m venv --clear .venv

# Installing without isolation keeps every download under the hashes: setuptools comes from the lock.
.venv/.pret: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installation des dépendances verrouillées…"
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

.venv/.pret-tests: requirements-test.txt .venv/.pret
	@echo "Installation des outils de test verrouillés…"
	$(PIP) install --require-hashes -r requirements-test.txt
	touch $@

# Ends by serving the site to this machine; DEMO=--sans-serveur stops before.
DEMO ?=
demo: .venv/.pret
	@.venv/bin/partiteur demo $(DEMO)

define CONTROLES
.venv/bin/ruff format --check .
.venv/bin/ruff check .
.venv/bin/lint-imports
.venv/bin/mypy
endef

lint: .venv/.pret-tests
	@$(CONTROLES)

format: .venv/.pret-tests
	@.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# What the tests need of the system: LibreOffice works out every formula again, poppler makes images of the sheets,
# Java runs Spark, PostgreSQL holds the web's base a second time, Chromium opens the pages.
PAQUETS_DE_TEST := libreoffice-calc-nogui poppler-utils openjdk-17-jre-headless postgresql chromium
paquets-de-test:
	@if ! command -v soffice >/dev/null || ! command -v pdftoppm >/dev/null || ! command -v java >/dev/null || ! command -v chromium >/dev/null || ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
			echo "Installation de $(PAQUETS_DE_TEST)…"
			apt-get update -qq
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PAQUETS_DE_TEST) >/dev/null
		else
			echo "Les tests recalculent les classeurs dans LibreOffice, comptent avec Spark et lancent PostgreSQL : installez $(PAQUETS_DE_TEST) (en root : apt-get install $(PAQUETS_DE_TEST)), puis relancez make test." >&2
			exit 1
		fi
	fi

# The set-up is timed apart: what it costs is the network's, not the tests'. pytest's own count ends the output.
DEBUT := $(shell date +%s)
test: .venv/.pret-tests paquets-de-test
	@preparation=$$(($$(date +%s) - $(DEBUT)))
	echo "Préparation : $$preparation s."
	SECONDS=0
	$(CONTROLES)
	compte=$$(mktemp)
	trap 'rm -f "$$compte"' EXIT
	# loadgroup: one Spark session, in one of the workers
	.venv/bin/pytest -n auto --dist loadgroup --ignore=tests/web --cov --cov-report= | tee "$$compte"
	# the web on both engines, one worker more than cores: it waits for a browser, for servers, for its own PostgreSQL
	for base in sqlite postgresql; do
		PARTITEUR_BASE_DE_TEST=$$base .venv/bin/pytest -n 3 tests/web | tee -a "$$compte"
	done
	.venv/bin/coverage report --precision=2 --include='partiteur/regles/*' --fail-under=100
	.venv/bin/coverage report --precision=2 --include='partiteur/moteur/*' --fail-under=95
	echo "Préparation : $$preparation s. Contrôles et tests : $$SECONDS s."
	grep -E '(passed|failed|error)' "$$compte" || tail -n 1 "$$compte"

.venv/.pret-bench: requirements-bench.txt .venv/.pret-tests
	@$(PIP) install --require-hashes -r requirements-bench.txt
	touch $@

# Ratios on this machine, written in bench/resultats.md; the data, some 150 MB, are made once under BENCH.
BENCH ?= /tmp/partiteur-bench
bench: .venv/.pret-bench
	@ls $(BENCH)/parc-*.parquet >/dev/null 2>&1 || .venv/bin/partiteur demo --national --sortie $(BENCH)
	.venv/bin/python bench/national.py $(BENCH)

lock:
	@command -v uv >/dev/null || { echo "make lock a besoin de uv : installez-le (pipx install uv), puis relancez." >&2; exit 1; }
	$(UV) pyproject.toml -o requirements.txt
	$(UV) --extra spark --extra test pyproject.toml -o requirements-test.txt
	$(VERROU) requirements-bench.in -o requirements-bench.txt

test-neuf:
	@.ci/neuf

# The wheel that an administrator installs, and its trial on a bare Debian with PostgreSQL.
roue: .venv/.pret
	@rm -rf build
	$(PIP) wheel --no-deps --no-build-isolation -w dist .

test-paquet: .venv/.pret
	@.ci/paquet

# Ten thousand hostile requests on every form, on both engines; `make test` sends a few hundred.
HOSTILES ?= 10000
test-hostile: .venv/.pret-tests paquets-de-test
	@for base in sqlite postgresql; do
		PARTITEUR_BASE_DE_TEST=$$base PARTITEUR_REQUETES_HOSTILES=$(HOSTILES) .venv/bin/pytest -s --timeout 0 tests/web/test_hostile.py
	done

.ONESHELL:

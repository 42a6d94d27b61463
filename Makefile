# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2

# Everything a developer runs. `make demo` and `make build` need only Go and make;
# `make test` installs Debian packages when it may (root, or CI=true) and otherwise
# runs what is present and says at the end what it did not run.

GO ?= go
BIN := bin

.DEFAULT_GOAL := help
.PHONY: help demo deps build test lint generate bench long clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: ## acquire a residence and expose a procedure, against mocks of the platform
	@test ! -S snodo-demo/dati/gestione.sock || { echo "snodo-demo is in use by a demo that is running: stop it, or delete the folder"; exit 1; }
	@rm -rf snodo-demo
	$(GO) build -o $(BIN)/snodo ./cmd/snodo
	./$(BIN)/snodo demo --dir snodo-demo

deps: ## download the modules and, when root, the Debian packages the tests use
	./scripts/deps.sh

build: ## static binary in bin/snodo
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN)/snodo ./cmd/snodo

test: ## vet, tests with the race detector, static build; with CI=true also fuzzing and a soak
	./scripts/test.sh

lint: ## golangci-lint, go mod tidy, generated files, licences
	./scripts/lint.sh

generate: ## write docs/problems from the rule table, docs/adapters from the recipes, docs/conformance from the cases
	$(GO) run ./internal/tools/problemdocs -out docs/problems
	SNODO_GENERATE=1 $(GO) test -count=1 -run 'TestPublishedSchemaIsCurrent|TestTableOfAdapters' ./registry ./adapters
	SNODO_GENERATE=1 $(GO) test -count=1 -run 'TestPagesAreCurrent' ./conformance/report

bench: ## measure the speed ratios and write docs/performance.md
	$(GO) run ./internal/tools/perf -out docs/performance.md

long: ## fuzz every target (SNODO_FUZZTIME, default 30s) and soak (SNODO_SOAK, default 30m)
	./scripts/long.sh

clean: ## remove what the targets above built
	rm -rf $(BIN)

# What people do with this repository; `make` lists it. The logic is in scripts/, so that each recipe is one line.

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help run build test unit clients lint deny bench setup clean

help: ## List the recipes
	@sh scripts/help.sh

run: build ## Build the gateway and run its demo: simulated providers, a token, nothing to set up (ARGS="--listen 127.0.0.1:9000")
	@exec sh scripts/gateway.sh demo $(ARGS)

build: ## Build the gateway for real use: target/release/openclaw-gateway
	@sh scripts/build.sh

test: setup unit clients ## Run every test, and install what they need

unit: ## Run the tests of the Rust code alone (ARGS="-p claw-edge")
	@sh scripts/unit.sh $(ARGS)

clients: build ## Run the tests that drive the gateway with real SDKs (ARGS="-k openai")
	@sh scripts/clients.sh $(ARGS)

lint: ## Check format, lints and shell scripts
	@sh scripts/lint.sh

deny: ## Check licences and advisories of the dependencies (cargo-deny)
	@sh scripts/deny.sh

bench: ## Measure the gateway beside nginx and a bare proxy (ARGS="--quick --aims")
	@sh bench/run $(if $(ARGS),$(ARGS),--aims)

setup: ## Install what the tests need: Rust, Python and Node packages
	@sh scripts/setup.sh

clean: ## Remove everything that was built or installed here
	@sh scripts/clean.sh

# Recap: `make demo` shows a policy improve, `make test` proves it, `make` lists the rest.
SWIFT ?= swift
RECAP = .build/release/recap

.DEFAULT_GOAL := help
.PHONY: help bootstrap build demo demo-data test bench evidence lint format docs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

bootstrap: ## native libraries into .deps/ (libtorch, Arrow, MuJoCo; headers of FFmpeg, OpenSSL, libcurl, PCRE2, libjpeg-turbo)
	@scripts/bootstrap

build: bootstrap ## the command, as .build/release/recap
	$(SWIFT) build -c release --product recap

demo: build ## a policy before and after RECAP in a simulated task: table, videos, report
	$(RECAP) demo --config configs/demo.yaml

demo-data: build ## three stages of the classic recipe on the recorded dataset in Examples/pusht
	$(RECAP) train --config configs/demo-data.yaml --resume
	@echo "with        Examples/observations.jsonl: $(RECAP) act --checkpoint runs/demo-data < Examples/observations.jsonl"

test: bootstrap ## every test
	$(SWIFT) build -c release --build-tests
	OMP_NUM_THREADS=1 $(SWIFT) test -c release --skip-build --disable-xctest  # tests run side by side

bench: build ## side by side with PyTorch; one of them: make bench BENCH=name
	Benchmarks/run $(BENCH)

evidence: build ## RECAP against its rivals over tasks and seeds: hours, goes on where it was stopped
	python3 Benchmarks/evidence/study.py

lint: ## check the style of every Swift file
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests

format: ## set every Swift file in the style
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

docs: bootstrap ## the modules' reference, as .build/docs/index.html
	scripts/docs

clean: ## forget what was built and trained here
	rm -rf .build runs

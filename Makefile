# Latchkey's front door. `make` alone prints the targets.

.DEFAULT_GOAL := help
.PHONY: help demo docs-errors docs-api docs-api-python docs-api-kotlin docs-api-swift test test-rust test-interop test-openapi test-python test-kotlin test-swift test-chromium fuzz bench bench-scan size bindings check-bindings check-targets package-ios package-android android-check ios-check lint fmt deny ci clean

CARGO ?= cargo
FUZZ_SECONDS ?= 20
# Where `make deny` puts cargo-deny when the PATH has none.
TOOLS ?= $(CURDIR)/.cache/tools
CARGO_DENY := 0.20.2
# What `make check-targets` checks for.
TARGETS ?= aarch64-linux-android aarch64-apple-ios
# Crates that no phone carries.
DESKTOP := latchkey-simulator latchkey-benchmarks latchkey-bluez-standin latchkey-end-to-end latchkey-bindgen

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Live through a day: passkeys, a workstation, offline PINs, with a timeline of what was verified (the first time builds for about four minutes)
	$(CARGO) run --release --locked --package latchkey-simulator --bin latchkey-sim -- demo

docs-errors: ## Write docs/errors.md from the table in core/phone
	$(CARGO) run --locked --package latchkey-simulator --bin latchkey-sim -- errors --markdown > docs/errors.md.new && mv docs/errors.md.new docs/errors.md

docs-api: docs-api-python docs-api-kotlin docs-api-swift ## Write the API reference of each language (target/api)

docs-api-python: ## Write the API reference in Python; fails if something in it is not documented
	CARGO='$(CARGO)' bindings/reference/run python

docs-api-kotlin: ## Write the API reference in Kotlin; fails if something in it is not documented
	bindings/reference/run kotlin

docs-api-swift: ## Write the API reference in Swift; fails if something in it is not documented
	bindings/reference/run swift

test: test-rust test-python test-kotlin android-check test-swift ios-check test-interop test-openapi test-chromium ## Run every test; brings in what the suites need

test-rust: ## Run the Rust tests
	@tests/bring-in dbus || test $$? -eq 3
	@tests/bring-in redis || test $$? -eq 3
	@command -v dbus-daemon >/dev/null || export LATCHKEY_WITHOUT_DBUS=1; $(CARGO) test --workspace --locked --no-fail-fast

test-interop: ## Let relying parties that others wrote (Python, Node.js) check what the demo made
	CARGO='$(CARGO)' tests/interop/run

test-openapi: ## Let Schemathesis call a live Control Center by the server's own description (a minute)
	CARGO='$(CARGO)' tests/schemathesis/run

test-chromium: ## Let an unmodified Chromium make and use passkeys with the phone, over everything but the radio
	CARGO='$(CARGO)' tests/chromium/run

test-python: ## Use the core from Python, over the real library
	CARGO='$(CARGO)' bindings/tests/run python

test-kotlin: ## Use the core from Kotlin on the JVM, over the real library
	CARGO='$(CARGO)' bindings/tests/run kotlin

android-check: ## Compile the Android app against Android's own classes and run its JVM tests
	CARGO='$(CARGO)' android-shell/check/run

ios-check: ## Compile the iOS app and its extension against stubs of Apple's frameworks and run their tests
	CARGO='$(CARGO)' ios-shell/check/run

test-swift: ## Use the core from Swift, over the real library
	CARGO='$(CARGO)' bindings/tests/run swift

bindings: ## Write the Swift, Kotlin and Python of the bindings (bindings/generated)
	CARGO='$(CARGO)' bindings/generate bindings/generated

check-bindings: ## Fail if bindings/generated is not what `make bindings` writes
	rm -rf target/bindings/generated
	CARGO='$(CARGO)' bindings/generate target/bindings/generated
	diff -r bindings/generated target/bindings/generated

check-targets: ## Type-check the library for Android and iOS (needs rustup, but no NDK or Xcode; three minutes the first time)
	@for target in $(TARGETS); do CARGO='$(CARGO)' bindings/package/check $$target || exit 1; done

size: ## Measure the library that a phone carries and what is in it; above its budget this fails
	CARGO='$(CARGO)' bindings/size

package-ios: ## Pack the library for iOS: an XCFramework in a Swift package (needs Xcode)
	CARGO='$(CARGO)' bindings/package/ios

package-android: ## Pack the library for Android: an AAR with one library for each ABI (needs the NDK)
	CARGO='$(CARGO)' bindings/package/android

fuzz: ## Fuzz every target for FUZZ_SECONDS (20) seconds each
	CARGO='$(CARGO)' fuzz/run $(FUZZ_SECONDS)

bench: ## Measure Latchkey beside what it cannot cost less than: the tables of docs/benchmarks.md (two minutes once built)
	$(CARGO) run --release --locked --package latchkey-benchmarks --features passkey-rs

bench-scan: ## Score the QR reader beside rqrr and zxing-cpp on a fresh set of camera-like frames (SEED=2001)
	CARGO='$(CARGO)' core/scan/bench/run $(SEED)

lint: ## Check formatting, clippy and the documentation; any warning fails
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps --locked

fmt: ## Format the Rust code
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml

# cargo-deny is built without optimisation: that takes two minutes instead of ten, and its checks take a second either way.
# Licences, bans and sources need nothing but the lock file. Advisories need their database, which is fetched over git, so
# a machine that cannot reach it says so and goes on.
deny: ## Check licences, duplicate crates, sources and known vulnerabilities of the dependencies
	@export PATH="$(TOOLS)/bin:$$PATH"; \
	command -v cargo-deny >/dev/null || \
		$(CARGO) install cargo-deny --version $(CARGO_DENY) --locked --debug --quiet --root '$(TOOLS)' || exit 1; \
	$(CARGO) deny --locked check --hide-inclusion-graph licenses sources && \
	$(CARGO) deny --locked $(addprefix --exclude ,$(DESKTOP)) check bans || exit 1; \
	if $(CARGO) deny fetch db >/dev/null 2>&1; then \
		$(CARGO) deny --locked check --disable-fetch advisories; \
	else \
		echo 'left out: known vulnerabilities (the advisory database cannot be reached)'; \
	fi

ci: ## Run everything that must hold before a change goes in
	.ci/run

clean: ## Remove everything that was built or brought in
	$(CARGO) clean
	rm -rf .cache fuzz/target fuzz/corpus fuzz/artifacts tests/interop/node/node_modules

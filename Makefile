# make test    installs what the tests need and runs all of them
# make check   formatting, vet and staticcheck alone
# make fuzz    each fuzz target for FUZZTIME
# make bench   measures rollcall against a bare net/http handler

GO      ?= go
FUZZTIME ?= 30s

# The race detector makes the translated SQLite 27 times slower and finds
# nothing in it: a connection is used by one goroutine at a time.
RACE := -race -gcflags='github.com/ncruces/go-sqlite3-wasm/...=-race=false'

STATICCHECK := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2

# A program that each Debian package brings, to see whether it is there.
PACKAGES := chromium:/usr/bin/chromium awscli:/usr/bin/aws \
	python3-boto3:/usr/lib/python3/dist-packages/boto3 gcc:/usr/bin/gcc libc6-dev:/usr/include/stdio.h

.PHONY: test check unit e2e deps fuzz bench

test: deps check unit e2e

check:
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:" $$unformatted; exit 1; fi
	$(GO) vet ./...
	$(STATICCHECK) ./...
	cd e2e && $(GO) vet ./... && $(STATICCHECK) ./...

unit:
	$(GO) test $(RACE) ./...

e2e: deps
	cd e2e && $(GO) test $(RACE) ./...

# As root it installs what is missing; otherwise it says what to install, and
# the tests that need it skip (with CI=true they fail).
deps:
	@missing=""; for p in $(PACKAGES); do [ -e "$${p#*:}" ] || missing="$$missing $${p%%:*}"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	else echo "To run every test, install:$$missing"; fi
	@case "$$(node --version 2>/dev/null)" in \
		v2[0-9].*|v[3-9][0-9].*) for d in e2e/js e2e/browser; do (cd $$d && npm ci --silent --no-fund --no-audit) || exit 1; done;; \
		*) echo "To run the JavaScript suite and the accessibility checks, install Node.js 20 or newer.";; \
	esac

fuzz:
	@for p in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
			echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$p || exit 1; \
		done; \
	done

bench:
	$(GO) run ./internal/bench

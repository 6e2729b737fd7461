# Natsuin. Needs Go 1.26, Node 20 and make; scripts/deps finds the rest.
#
#   make build    build/natsuin, build/natsuin-simcard, build/natsuin.js and the extension's packages
#   make test     prepares this machine and runs everything that can fail: what CI runs
#   make check    formatting, vet, staticcheck, linters, and the promises that can be proved
#   make browsers the tests in real browsers alone
#   make test-install what is published, installed, used and removed: on a fresh Debian, in Wine; as root, with Debian's archive in reach
#   make dist     build/dist: everything that is published, from the files as they are here; build/templates: the
#                 descriptions by which others build or publish it. Where something is missing for it, it says what, and stops
#   make dist-verify  builds the last commit twice, apart from each other and from here: are they the same bytes?
#   make demo     a site, a browser and a simulated card, ready to click through
#   make deps     installs what all of the above need (Debian, Ubuntu)
#   make fmt      repairs formatting
#   make clean    removes what was built

VERSION := $(shell git describe --tags --match 'v[0-9]*' 2>/dev/null | sed 's/^v//')
GO_BUILD := go build -trimpath $(if $(VERSION),-ldflags '-X main.version=$(VERSION)')
STATICCHECK := build/tools/staticcheck
NFPM := build/tools/nfpm
ACTIONLINT := build/tools/actionlint
# npm writes this file last: it is there, and new enough, when the packages are.
INSTALLED := node_modules/.package-lock.json

.PHONY: build pcsc test test-install check browsers dist dist-verify demo deps fmt clean FORCE

build: build/natsuin build/natsuin-simcard build/natsuin.js

# What pkg-config says of a missing library does not name the package that has it.
pcsc:
	@test "$$(uname)" != Linux || pkg-config --exists libpcsclite || { echo "The PC/SC library is missing, which natsuin is linked with: 'scripts/deps build' installs it (Debian, Ubuntu: libpcsclite-dev and pkg-config; Fedora: pcsc-lite-devel)" >&2; exit 1; }

build/natsuin: pcsc FORCE
	$(GO_BUILD) -o $@ ./host

build/natsuin-simcard: FORCE
	$(GO_BUILD) -o $@ ./internal/card/simcard/natsuin-simcard

build/natsuin.js: extension/$(INSTALLED) FORCE
	cd extension && npm run --silent build

test:
	scripts/test

check: build/natsuin.js $(STATICCHECK) $(ACTIONLINT)
	@test -z "$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l | tee /dev/stderr)"
	go vet ./...
	go vet -tags demo ./host
	GOOS=windows CGO_ENABLED=0 go vet ./host
	GOOS=darwin CGO_ENABLED=0 go vet ./host
	go vet -tags install ./e2e/install ./scripts/...
	GOOS=windows CGO_ENABLED=0 go vet -tags install ./e2e/install
	GOOS=darwin CGO_ENABLED=0 go vet -tags install ./e2e/install
	$(STATICCHECK) ./...
	$(ACTIONLINT) -shellcheck= -pyflakes=
	go run ./scripts/check
	cd extension && npm run --silent typecheck && npm run --silent lint

browsers: build e2e/browser/$(INSTALLED)
	cd e2e/browser && npm test

test-install:
	scripts/deps build test dist install
	@$(MAKE) --no-print-directory build $(NFPM) extension/$(INSTALLED) e2e/browser/$(INSTALLED)
	npm --prefix e2e/browser run pretest
	go test -count=1 -timeout 40m -tags install ./e2e/install ./internal/prompt ./scripts/dist ./scripts/templates

# With DIST=-complete it fails when something cannot be made on this machine.
dist: extension/$(INSTALLED) $(NFPM)
	go run ./scripts/dist $(DIST)
	go run ./scripts/templates

dist-verify: $(NFPM)
	go run ./scripts/dist -verify

demo:
	scripts/demo

deps:
	scripts/deps build test dist demo virtual

fmt:
	git ls-files -co --exclude-standard '*.go' | xargs gofmt -w

clean:
	rm -rf build

# npm ci empties the folder first: behind a link, that of somebody else.
%/$(INSTALLED): %/package-lock.json
	@test ! -L $*/node_modules || { echo "$*/node_modules is a symbolic link, and npm ci would empty the folder behind it: remove the link" >&2; exit 1; }
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(NFPM): tools/go.mod tools/go.sum
	cd tools && go build -o ../$@ github.com/goreleaser/nfpm/v2/cmd/nfpm
	@touch $@

$(STATICCHECK): tools/go.mod tools/go.sum
	cd tools && go build -o ../$@ honnef.co/go/tools/cmd/staticcheck
	@touch $@

$(ACTIONLINT): tools/go.mod tools/go.sum
	cd tools && go build -o ../$@ github.com/rhysd/actionlint/cmd/actionlint
	@touch $@

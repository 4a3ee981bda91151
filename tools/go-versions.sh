#!/usr/bin/env bash
# Fails unless every workflow installs a Go that can build every module. A workflow names
# a minor version (go-version: 1.26.x) and gets its newest patch release. A go.mod states
# the lowest version that its code and its dependencies need.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
status=0
fail() {
  echo "go-versions: $*" >&2
  status=1
}

workflows=(.github/workflows/*.yml)
setups=$(cat "${workflows[@]}" | grep -c 'uses: actions/setup-go@')
latest=$(cat "${workflows[@]}" | grep -c '^ *check-latest: true$')
[ "$setups" = "$latest" ] || fail "$setups steps use actions/setup-go, but $latest have check-latest: true"

# The versions that the steps name, and those in a matrix (go: 1.27.x). "1.26.x" becomes 26.
minors=$(sed -nE 's/^ *(- )?go(-version)?: *\[?["'\'']?1\.([0-9]+)\.x["'\'']?\]?$/\3/p' "${workflows[@]}" | sort -nu)
named=$(grep -hE '^ *go-version: ' "${workflows[@]}" | grep -cE '1\.[0-9]+\.x|matrix\.go')
[ "$setups" = "$named" ] || fail "$setups steps use actions/setup-go, but $named have a go-version such as 1.26.x"
oldest=$(head -1 <<<"$minors")
[ -n "$oldest" ] || fail 'no workflow names a Go version'

for module in go.mod tools/go.mod tools/*/go.mod; do
  needs=$(sed -nE 's/^go ([0-9.]+)$/\1/p' "$module")
  [ "$(cut -d. -f2 <<<"$needs")" -le "${oldest:-0}" ] ||
    fail "$module needs Go $needs, but a workflow installs 1.$oldest.x"
  ! grep -q '^toolchain ' "$module" || fail "$module has a toolchain line, which actions/setup-go would install"
done

[ "$status" -ne 0 ] || echo "go-versions: the workflows install Go 1.$(paste -sd, - <<<"$minors" | sed 's/,/.x and 1./g').x, enough for every go.mod"
exit "$status"

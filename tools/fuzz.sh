#!/usr/bin/env bash
# Runs every fuzz test of the module with FUZZTIME inputs each: go test -fuzz takes one
# test at a time. Inputs that are only interesting are hardly minimized, which would count
# as tried. With QUIET, what a test prints is shown only if it fails.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
inputs=${FUZZTIME:-100000x}
# Not a duration: where one ends, Go 1.26 can fail a test that found nothing ("context
# deadline exceeded", https://go.dev/issue/75804), and a slow machine tries less.
if [[ ! $inputs =~ ^[1-9][0-9]*x$ ]]; then
  echo "FUZZTIME is how many inputs each fuzz test tries, such as 100000x, not $inputs." >&2
  exit 1
fi
count=0
for package in $(go list ./...); do
  for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    echo "== $name ($package), ${inputs%x} inputs"
    if [ -z "${QUIET:-}" ]; then
      go test -run '^$' -fuzz "^$name\$" -fuzztime "$inputs" -fuzzminimizetime 10x "$package"
    elif ! output=$(go test -run '^$' -fuzz "^$name\$" -fuzztime "$inputs" -fuzzminimizetime 10x "$package" 2>&1); then
      printf '%s\n' "$output"
      exit 1
    fi
    count=$((count + 1))
  done
done
if [ "$count" -eq 0 ]; then
  echo "No Fuzz function was found." >&2
  exit 1
fi
echo "== $count fuzz tests ran with ${inputs%x} inputs each, none failed"

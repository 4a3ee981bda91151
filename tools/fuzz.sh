#!/usr/bin/env bash
# Runs every fuzz test of the module with FUZZTIME inputs. go test -fuzz runs one test at a
# time. -fuzzminimizetime is low because minimizing an input uses up FUZZTIME. QUIET shows
# the output of failed tests only.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
inputs=${FUZZTIME:-100000x}
# Not a duration: at its end, Go 1.26 can fail a test that found nothing ("context deadline
# exceeded", https://go.dev/issue/75804), and a slow machine would try fewer inputs.
if [[ ! $inputs =~ ^[1-9][0-9]*x$ ]]; then
  echo "FUZZTIME must be a number of inputs such as 100000x, not $inputs." >&2
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
  echo "No fuzz test was found." >&2
  exit 1
fi
echo "== $count fuzz tests ran with ${inputs%x} inputs each, none failed"

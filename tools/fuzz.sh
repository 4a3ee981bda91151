#!/usr/bin/env bash
# Runs every fuzz test of the module for FUZZTIME each: go test -fuzz takes one at a time.
# Inputs that are only interesting are not minimized for long, which takes the time
# from new ones. With QUIET, what a test prints is shown only if it fails.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
time=${FUZZTIME:-60s}
count=0
for package in $(go list ./...); do
  for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    echo "== $name ($package), $time"
    if [ -z "${QUIET:-}" ]; then
      go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 10x "$package"
    elif ! output=$(go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 10x "$package" 2>&1); then
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
echo "== $count fuzz tests ran for $time each, none failed"

#!/usr/bin/env bash
# Fails if docs/ is not what `make generate` writes. Compares with a copy, not with git,
# so that uncommitted changes pass.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT

mkdir -p docs
cp -R docs "$before/docs"
"${MAKE:-make}" --no-print-directory generate
if ! diff -ru "$before/docs" docs; then
  echo "docs/ was out of date. 'make generate' has updated it: commit the changes." >&2
  exit 1
fi
bin/tfplugindocs validate --provider-name pagerdutyauth --providers-schema bin/schema.json >bin/tfplugindocs.log 2>&1 || {
  cat bin/tfplugindocs.log >&2
  exit 1
}
echo "docs/: $(find docs -name '*.md' | wc -l | tr -d ' ') pages are up to date and valid"

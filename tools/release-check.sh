#!/usr/bin/env bash
# Checks what a release needs before its tag is pushed: release-check.sh VERSION.
# SIGNING_KEY is a file with the public key, or the ID of a key in gpg's keyring. Asks for
# no secret and changes nothing but bin/ and dist/. Exits with 1 if a check fails. A line
# that starts with "?" is something that this machine cannot check.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=${1:?usage: tools/release-check.sh VERSION}
make=${MAKE:-make}
repository=pagerdutyauth/terraform-provider-pagerdutyauth
provider=pagerdutyauth/pagerdutyauth
failed=0
unchecked=0

ok() { printf 'ok    %s\n' "$*"; }
fail() {
  printf 'FAIL  %s\n' "$*"
  failed=$((failed + 1))
}
unknown() {
  printf '?     %s\n' "$*"
  unchecked=$((unchecked + 1))
}

# verify GOOD BAD COMMAND...: prints GOOD if the command succeeds, else BAD.
verify() {
  if "${@:3}" >/dev/null 2>&1; then ok "$1"; else fail "$2"; fi
}

not() { ! "$@"; }

# check TEXT COMMAND...: prints the output of the command only if it fails.
check() {
  local text=$1 output
  shift
  if output=$("$@" 2>&1); then
    ok "$text"
  else
    fail "$text"
    tail -15 <<<"$output" | sed 's/^/        /'
  fi
}

echo "Checking whether version $version can be released."
printf '\nThe repository\n'
verify "$version is a semantic version" "$version is not a semantic version without \"v\", such as 0.1.0" \
  grep -qE '^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$' <<<"$version"
verify 'nothing is uncommitted' 'git status lists uncommitted changes' [ -z "$(git status --porcelain)" ]
branch=$(git rev-parse --abbrev-ref HEAD)
verify 'the branch is main' "the branch is $branch, not main" [ "$branch" = main ]
verify "CHANGELOG.md has a dated section for $version" "CHANGELOG.md has no line \"## [$version] - YYYY-MM-DD\"" \
  grep -qE "^## \[${version//./\\.}\] - [0-9]{4}-[0-9]{2}-[0-9]{2}\$" CHANGELOG.md
verify "this clone has no tag v$version" "the tag v$version exists in this clone" \
  not git rev-parse --quiet --verify "refs/tags/v$version"
if remote=$(GIT_TERMINAL_PROMPT=0 git ls-remote "https://github.com/$repository" 2>/dev/null); then
  verify "GitHub has no tag v$version" "the tag v$version exists on GitHub" \
    not grep -qE "refs/tags/v${version//./\\.}\$" <<<"$remote"
  verify "GitHub's main is this commit" "GitHub's main is a different commit: push, and wait for the workflows to pass" \
    grep -qE "^$(git rev-parse HEAD)[[:space:]]refs/heads/main\$" <<<"$remote"
else
  unknown "GitHub's main is this commit, and has no tag v$version: https://github.com/$repository cannot be read"
fi

printf '\nThe build\n'
check 'the workflows install a Go that every go.mod accepts' tools/go-versions.sh
check 'the pinned tools build' "$make" --no-print-directory bin/.tools bin/.lint bin/.release
check '.goreleaser.yml is valid' bin/goreleaser check --quiet
check 'make snapshot: every zip is built, Terraform installs one and plans' "$make" --no-print-directory snapshot

printf '\nThe signing key\n'
if [ -z "${SIGNING_KEY:-}" ]; then
  unknown 'the key is RSA or DSA: set SIGNING_KEY to a file with the public key, or to the ID of a key in the keyring'
elif ! command -v gpg >/dev/null; then
  unknown 'the key is RSA or DSA: gpg is not installed'
else
  list=--list-keys
  [ ! -f "$SIGNING_KEY" ] || list=--show-keys
  keys=$(gpg --batch --with-colons "$list" "$SIGNING_KEY" 2>/dev/null) || true
  # The fields of a key: 2 validity, 4 algorithm (1 RSA, 17 DSA), 12 capabilities (s signs).
  signing=$(awk -F: '($1 == "pub" || $1 == "sub") && $12 ~ /s/ { print $2, $4 }' <<<"$keys")
  if [ -z "$signing" ]; then
    fail "SIGNING_KEY=$SIGNING_KEY has no key that can sign"
  elif grep -qvE ' (1|17)$' <<<"$signing"; then
    fail 'a signing key is neither RSA nor DSA: the Terraform Registry does not accept ECC keys'
  elif grep -qE '^[er]' <<<"$signing"; then
    fail 'a signing key is expired or revoked'
  else
    ok 'the key is RSA or DSA, and neither expired nor revoked'
  fi
fi

printf '\nGitHub\n'
if ! command -v gh >/dev/null; then
  unknown "secrets GPG_PRIVATE_KEY and GPG_PASSPHRASE in the environment \"release\": gh is not installed (see https://github.com/$repository/settings/environments)"
elif ! gh auth status >/dev/null 2>&1; then
  fail 'gh is not authenticated: run gh auth login'
else
  ok 'gh is authenticated'
  if secrets=$(gh secret list --env release --repo "$repository" 2>/dev/null | cut -f1); then
    for name in GPG_PRIVATE_KEY GPG_PASSPHRASE; do
      verify "the environment \"release\" has the secret $name" "the environment \"release\" has no secret $name" \
        grep -qx "$name" <<<"$secrets"
    done
  else
    fail "gh cannot list the secrets of the environment \"release\" of $repository"
  fi
fi
unknown 'the environment "release" requires a reviewer and permits only tags v* (same page)'

printf '\nThe registries\n'
if ! command -v curl >/dev/null; then
  unknown "the Terraform Registry does not have $version: curl is not installed"
elif ! published=$(curl -sS -m 20 "https://registry.terraform.io/v1/providers/$provider/versions" 2>/dev/null); then
  unknown "the Terraform Registry does not have $version: https://registry.terraform.io cannot be read"
else
  verify "the Terraform Registry does not have $version" "the Terraform Registry already has $version" \
    not grep -qF "\"version\":\"$version\"" <<<"$published"
fi
unknown 'the namespace "pagerdutyauth" of the Terraform Registry has the public key: https://registry.terraform.io/settings/gpg-keys'
unknown 'the provider is published there, once, after the first release: https://registry.terraform.io/publish/provider'
unknown "OpenTofu's registry has the provider and the public key: https://github.com/opentofu/registry/issues/new/choose"

printf '\n%s failed, %s could not be checked here (marked "?").\n' "$failed" "$unchecked"
[ "$failed" -eq 0 ]

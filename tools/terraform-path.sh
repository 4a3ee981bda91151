#!/usr/bin/env bash
# Prints the absolute path of the Terraform or OpenTofu to run: $TERRAFORM if set, else the
# one in PATH, else a pinned Terraform that hc-install downloads into bin/terraform. All
# other output goes to stderr.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=${TERRAFORM_VERSION:-1.11.4}

absolute() {
  case $1 in
    /* | [A-Za-z]:*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$(cd "$(dirname "$1")" && pwd)" "$(basename "$1")" ;;
  esac
}

if [ -n "${TERRAFORM:-}" ]; then
  if ! found=$(command -v -- "$TERRAFORM"); then
    echo "TERRAFORM=$TERRAFORM is not an executable program." >&2
    exit 1
  fi
  absolute "$found"
  exit
fi

if found=$(command -v terraform); then
  absolute "$found"
  exit
fi

target=$root/bin/terraform/terraform$(go env GOEXE)
# An earlier download can be of a different version.
if ! { [ -x "$target" ] && CHECKPOINT_DISABLE=1 "$target" version 2>/dev/null | grep -qx "Terraform v$version"; }; then
  echo "No terraform in PATH: downloading Terraform $version into bin/terraform." >&2
  "${MAKE:-make}" --no-print-directory -s -C "$root" bin/.tools >&2
  mkdir -p "$root/bin/terraform"
  if ! "$root/bin/hc-install" install -version "$version" -path "$root/bin/terraform" terraform >&2; then
    echo "Terraform $version could not be downloaded from releases.hashicorp.com. Install it and put it in PATH, or set TERRAFORM=/path/to/terraform." >&2
    exit 1
  fi
fi
printf '%s\n' "$target"

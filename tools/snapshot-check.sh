#!/usr/bin/env bash
# Proves what `make snapshot` built: every file that the Registry asks for is there and
# has the checksum that is written down, and Terraform installs and runs the host's zip
# from a filesystem mirror, lock file included.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
terraform=${TERRAFORM:-$(tools/terraform-path.sh)}
name=terraform-provider-pagerdutyauth
host=registry.terraform.io
platform=$(go env GOOS)_$(go env GOARCH)
if "$terraform" version | grep -q '^OpenTofu'; then host=registry.opentofu.org; fi

fail() {
  echo "snapshot: $*" >&2
  exit 1
}

sums=$(echo dist/"${name}"_*_SHA256SUMS)
[ -f "$sums" ] || fail "dist/ has no SHA256SUMS"
version=${sums#dist/"${name}"_}
version=${version%_SHA256SUMS}

if command -v sha256sum >/dev/null; then sum=(sha256sum); else sum=(shasum -a 256); fi
# Goreleaser leaves the manifest where it is and renames it while uploading.
cp terraform-registry-manifest.json "dist/${name}_${version}_manifest.json"
(cd dist && "${sum[@]}" --check --quiet "$(basename "$sums")") || fail 'a file in dist/ is not the one in SHA256SUMS'

for wanted in darwin_amd64 darwin_arm64 freebsd_386 freebsd_amd64 freebsd_arm freebsd_arm64 \
  linux_386 linux_amd64 linux_arm linux_arm64 windows_386 windows_amd64 windows_arm64; do
  grep -q " ${name}_${version}_${wanted}\.zip\$" "$sums" || fail "no zip for $wanted in SHA256SUMS"
done
grep -q " ${name}_${version}_manifest\.json\$" "$sums" || fail 'the manifest is not in SHA256SUMS'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mirror=$work/mirror
target=$mirror/$host/pagerdutyauth/pagerdutyauth/$version/$platform
mkdir -p "$target" "$work/config"
unzip -q "dist/${name}_${version}_${platform}.zip" -d "$target"
[ "$(ls "$target")" = "${name}_v${version}$(go env GOEXE)" ] ||
  fail "the zip of $platform holds $(ls "$target"), and must hold only ${name}_v${version}"

cat >"$work/terraform.rc" <<EOF
provider_installation {
  filesystem_mirror {
    path = "$mirror"
  }
}
EOF
cat >"$work/config/main.tf" <<EOF
terraform {
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "$version"
    }
  }
}
EOF

echo "snapshot: terraform init from a filesystem mirror with the zip of $platform"
export TF_CLI_CONFIG_FILE=$work/terraform.rc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
"$terraform" -chdir="$work/config" init -input=false -no-color
lock=$work/config/.terraform.lock.hcl
grep -q "\"$host/pagerdutyauth/pagerdutyauth\"" "$lock" || fail 'the lock file does not name the provider'
grep -q "version *= \"$version\"" "$lock" || fail "the lock file does not pin $version"
grep -q '"h1:' "$lock" || fail 'the lock file has no hash'
# A second init must find what the first one locked.
"$terraform" -chdir="$work/config" init -input=false -no-color -lockfile=readonly >/dev/null ||
  fail 'a second init does not accept the lock file'
"$terraform" -chdir="$work/config" providers schema -json | grep -q pagerdutyauth_credential ||
  fail 'the installed provider has no pagerdutyauth_credential'
export TF_CLI_CONFIG_FILE=/dev/null

echo "snapshot: terraform plan against the emulator from the same mirror"
TERRAFORM=$terraform go run ./internal/cmd/demo -mirror "$mirror"

echo "snapshot: ${name} ${version} installs and plans; $(grep -c '\.zip$' "$sums") zips match SHA256SUMS"

#!/usr/bin/env bash
# Builds what a release publishes, and checks it: SHA256SUMS lists exactly the files that
# the Registry requires, each has the listed checksum, each zip holds only the binary, with
# the time of the commit, and Terraform installs this system's zip from a filesystem mirror
# and plans with it. A temporary key signs SHA256SUMS if gpg is installed. With --host,
# only the zip of this system is built.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
terraform=${TERRAFORM:-$(tools/terraform-path.sh)}
name='terraform-provider-pagerdutyauth'
host=registry.terraform.io
platform=$(go env GOOS)_$(go env GOARCH)
if "$terraform" version | grep -q '^OpenTofu'; then host=registry.opentofu.org; fi

fail() {
  echo "snapshot: $*" >&2
  exit 1
}

work=$(mktemp -d)
cleanup() {
  if [ -d "$work/gnupg" ]; then gpgconf --kill gpg-agent || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

config=.goreleaser.yml
targets=(darwin_amd64 darwin_arm64 freebsd_386 freebsd_amd64 freebsd_arm freebsd_arm64
  linux_386 linux_amd64 linux_arm linux_arm64 windows_386 windows_amd64 windows_arm64)
if [ "${1:-}" = --host ]; then
  config=$work/goreleaser.yml
  targets=("$platform")
  # The same configuration, except for the lists of systems.
  awk -v os="${platform%_*}" -v arch="${platform#*_}" '
    skip && /^      - / { next }
    { skip = 0; print }
    /^    goos:/ { print "      - " os; skip = 1 }
    /^    goarch:/ { print "      - \"" arch "\""; skip = 1 }' .goreleaser.yml >"$config"
fi

skip=()
if command -v gpg >/dev/null; then
  export GNUPGHOME=$work/gnupg GPG_FINGERPRINT
  mkdir -m 700 "$GNUPGHOME"
  gpg --batch --quiet --passphrase '' --quick-generate-key snapshot rsa2048 sign 2>"$work/gpg.log" || fail "$(cat "$work/gpg.log")"
  GPG_FINGERPRINT=$(gpg --batch --with-colons --list-keys 2>/dev/null | awk -F: '$1 == "fpr" { print $10; exit }')
else
  echo 'snapshot: gpg is not installed, so nothing is signed'
  skip=(--skip=sign)
fi

# Without a remote, goreleaser ignores the date of the commit, and two builds differ.
if ! git remote | grep -q .; then
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0=https://github.com/pagerdutyauth/$name
fi
bin/goreleaser release --snapshot --clean --config "$config" ${skip[@]+"${skip[@]}"}

sums=$(echo dist/"${name}"_*_SHA256SUMS)
[ -f "$sums" ] || fail "dist/ has no SHA256SUMS"
version=${sums#dist/"${name}"_}
version=${version%_SHA256SUMS}

if command -v sha256sum >/dev/null; then sum=(sha256sum); else sum=(shasum -a 256); fi
# goreleaser uploads the manifest under this name, and does not copy it to dist/.
cp terraform-registry-manifest.json "dist/${name}_${version}_manifest.json"
(cd dist && "${sum[@]}" --check --quiet "$(basename "$sums")") || fail 'a file in dist/ does not have the checksum in SHA256SUMS'

if [ ${#skip[@]} -eq 0 ]; then
  gpg --batch --quiet --verify "$sums.sig" "$sums" 2>/dev/null || fail 'the signature does not match SHA256SUMS'
fi

files=("${name}_${version}_manifest.json")
for target in "${targets[@]}"; do
  zip=${name}_${version}_${target}.zip
  files+=("$zip")
  binary=${name}_v${version}
  case $target in windows_*) binary=$binary.exe ;; esac
  held=$(unzip -Z1 "dist/$zip") || fail "dist/$zip cannot be read"
  [ "$held" = "$binary" ] || fail "$zip holds $held, not only $binary"
done
diff <(printf '%s\n' "${files[@]}" | sort) <(sed 's/.* //' "$sums" | sort) >&2 ||
  fail 'SHA256SUMS does not list exactly the files of a release (< missing, > unexpected)'

mirror=$work/mirror
target=$mirror/$host/pagerdutyauth/pagerdutyauth/$version/$platform
mkdir -p "$target" "$work/config"
unzip -q "dist/${name}_${version}_${platform}.zip" -d "$target"
[ "$(date -r "$(echo "$target"/*)" +%s)" = "$(git log -1 --format=%ct)" ] ||
  fail 'the file in the zip has a different time from the commit, so the zip is not reproducible'
echo "snapshot: built with $(go version "$target"/* | sed 's/.*: //')"

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
"$terraform" -chdir="$work/config" init -input=false -no-color -lockfile=readonly >/dev/null ||
  fail 'a second init does not accept the lock file'
"$terraform" -chdir="$work/config" providers schema -json | grep pagerdutyauth_credential >/dev/null ||
  fail 'the installed provider has no pagerdutyauth_credential'
export TF_CLI_CONFIG_FILE=/dev/null

echo 'snapshot: terraform plan from the same mirror, with an emulator of PagerDuty'
TERRAFORM=$terraform go run ./internal/cmd/demo -mirror "$mirror"

echo "snapshot: ${name} ${version} installs and plans; $((${#files[@]} - 1)) zip(s) and the manifest match SHA256SUMS"

#!/bin/sh
# Fails unless PAGERDUTY_TOKEN is a valid token of the right account.
set -eu
cd "$(dirname "$0")"

# Ignore the settings of the calling Terraform. Use a separate data directory, so
# that several of these scripts can run at once.
unset TF_WORKSPACE TF_CLI_ARGS TF_CLI_ARGS_init TF_CLI_ARGS_plan
TF_DATA_DIR=$(mktemp -d)
export TF_DATA_DIR
trap 'rm -rf "$TF_DATA_DIR"' EXIT

# If init reports a missing checksum, add this platform to .terraform.lock.hcl with
# "terraform providers lock".
terraform init -input=false -lockfile=readonly >/dev/null
terraform plan -input=false -lock=false

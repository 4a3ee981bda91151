#!/bin/sh
# Fails unless PAGERDUTY_TOKEN is a valid token of the right account.
set -eu
cd "$(dirname "$0")"

# The settings of the calling Terraform are not meant for this one, and several
# of these scripts may run at once.
unset TF_WORKSPACE TF_CLI_ARGS TF_CLI_ARGS_init TF_CLI_ARGS_plan
TF_DATA_DIR=$(mktemp -d)
export TF_DATA_DIR
trap 'rm -rf "$TF_DATA_DIR"' EXIT

# If init stops because .terraform.lock.hcl lacks a checksum, the file was written
# on another platform, or the provider came from "make install-local". Run
# "terraform providers lock" for all platforms, or, with install-local, delete the
# provider's block from the file and run "terraform init" once by hand.
terraform init -input=false -lockfile=readonly >/dev/null
terraform plan -input=false -lock=false

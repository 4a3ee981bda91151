#!/bin/sh
# Prints the types of the official provider in the saved plan plan.tfplan, as the
# list that required_scopes needs. Includes modules, and resources to be destroyed.
set -eu
terraform show -json plan.tfplan | jq -c '
  [ .. | objects
    | select(.mode == "managed" or .mode == "data")
    | select(.type | strings | startswith("pagerduty_"))
    | if .mode == "data" then "data." + .type else .type end
  ] | unique'

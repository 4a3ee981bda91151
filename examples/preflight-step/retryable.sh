#!/bin/sh
# Runs Terraform and shows its output:
#
#   ./retryable.sh plan -detailed-exitcode -out=tfplan
#   ./retryable.sh apply tfplan
#
# Exits with Terraform's exit code, but with 75 instead of 1 if a PagerDuty check
# failed for a reason that may pass: a rate limit, a server error or the network.
errors=$(mktemp) || exit 1
trap 'rm -f "$errors"' EXIT

# Terraform writes the plan and warnings to stdout, and errors to stderr.
terraform "$@" 2>"$errors"
code=$?
cat "$errors" >&2

# Each message about a check has a line such as "Status: unauthorized (HTTP 401)".
temporary='Status: (rate_limited|server_error|unreachable)'
if [ "$code" -eq 1 ] && grep -Eq "$temporary" "$errors" &&
  ! grep -E 'Status: [a-z_]+' "$errors" | grep -Eqv "$temporary"; then
  code=75
fi
exit "$code"

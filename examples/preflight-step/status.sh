#!/bin/sh
# Runs "terraform plan" with the arguments of this script. When the check fails,
# exits with 75 if a retry may help, else with 1.
set -eu
log=$(mktemp)
trap 'rm -f "$log"' EXIT

if terraform plan -input=false -json "$@" >"$log"; then
  exit 0
fi

# Every message about a verdict has a line such as "Status: unauthorized (HTTP 401)".
status=$(jq -r 'select(.type == "diagnostic" and .diagnostic.severity == "error")
  | .diagnostic.detail | split("\n")[]
  | select(startswith("Status: ")) | split(" ")[1]' "$log" | head -n 1)

case $status in
rate_limited | server_error | unreachable)
  echo "PagerDuty did not judge the credential ($status). Try again." >&2
  exit 75
  ;;
"")
  echo "The plan failed, but not because of PagerDuty's verdict on the credential:" >&2
  ;;
*)
  echo "The PagerDuty credential cannot be used ($status):" >&2
  ;;
esac
jq -r 'select(.type == "diagnostic") | .diagnostic | "\(.severity): \(.summary)\n\(.detail)"' "$log" >&2
exit 1

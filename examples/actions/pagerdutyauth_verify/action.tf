# Run it with: terraform apply -invoke=action.pagerdutyauth_verify.this
action "pagerdutyauth_verify" "this" {
  config {
    allowed_subdomains = ["acme"]
  }
}

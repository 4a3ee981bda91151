# Stops the plan unless PagerDuty accepts the token and it belongs to "acme".
data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

output "pagerduty_user" {
  value = try(data.pagerdutyauth_credential.this.user.name, "a key of the account")
}

# Needs PAGERDUTY_TOKEN.
provider "pagerdutyauth" {}

run "token_is_valid" {
  command = plan

  assert {
    condition     = data.pagerdutyauth_credential.this.valid
    error_message = "PagerDuty does not accept the token."
  }
}

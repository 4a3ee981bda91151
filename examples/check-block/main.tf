provider "pagerdutyauth" {}

# A check block only warns: Terraform continues with the plan and the apply.
check "pagerduty_credential" {
  data "pagerdutyauth_credential" "this" {
    on_failure = "warning"
  }

  assert {
    condition     = data.pagerdutyauth_credential.this.status == "valid"
    error_message = "The PagerDuty credential's status is ${data.pagerdutyauth_credential.this.status}."
  }
}

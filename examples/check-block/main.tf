# A check block warns. It never blocks: Terraform goes on with the plan and the
# apply, whatever it found. To stop, use the data source outside of a check.
terraform {
  required_version = ">= 1.5"
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

provider "pagerdutyauth" {}

check "pagerduty_credential" {
  data "pagerdutyauth_credential" "this" {
    on_failure = "warning"
  }

  assert {
    condition     = data.pagerdutyauth_credential.this.status == "valid"
    error_message = "The PagerDuty credential's status is ${data.pagerdutyauth_credential.this.status}."
  }
}

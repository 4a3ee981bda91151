# A check block warns and never stops anything: Terraform goes on with the plan
# and the apply. To stop, use the data source outside of a check block.
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

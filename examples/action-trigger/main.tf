provider "pagerdutyauth" {}

action "pagerdutyauth_verify" "this" {
  config {
    allowed_subdomains = ["acme"]
  }
}

# Stands for the resource to protect. It is created or updated only if the check
# passes.
resource "terraform_data" "guarded" {
  input = "v1"

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.pagerdutyauth_verify.this]
    }
  }
}

# This resource does not wait for the check.
resource "terraform_data" "other" {
  input = "v1"
}

# The check runs before one resource is created or updated. If it fails, that
# resource and what depends on it stay as they are. Other resources do not wait.
terraform {
  required_version = ">= 1.14"
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

provider "pagerdutyauth" {}

action "pagerdutyauth_verify" "this" {
  config {
    allowed_subdomains = ["acme"]
  }
}

# In place of the resource that the check protects.
resource "terraform_data" "guarded" {
  input = "v1"

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.pagerdutyauth_verify.this]
    }
  }
}

resource "terraform_data" "other" {
  input = "v1"
}

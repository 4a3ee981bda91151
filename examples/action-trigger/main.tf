# The check runs before one resource is created or updated. If it fails, that
# resource and what depends on it are left as they are; the others are not.
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

# Stands for what the check guards.
resource "terraform_data" "guarded" {
  input = "v1"

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.pagerdutyauth_verify.this]
    }
  }
}

resource "terraform_data" "beside" {
  input = "v1"
}

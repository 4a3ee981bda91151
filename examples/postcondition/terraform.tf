terraform {
  required_version = ">= 1.3"
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}

terraform {
  required_version = ">= 1.8"
  required_providers {
    http = {
      source  = "hashicorp/http"
      version = "~> 3.0"
    }
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}

variable "pagerduty_token" {
  type      = string
  sensitive = true
}

# A request that no PagerDuty data source covers.
data "http" "abilities" {
  url = "https://api.pagerduty.com/abilities"
  request_headers = {
    Accept        = "application/vnd.pagerduty+json;version=2"
    Authorization = provider::pagerdutyauth::authorization_header(var.pagerduty_token)
  }
}

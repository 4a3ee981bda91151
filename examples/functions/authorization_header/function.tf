# A request to PagerDuty's REST API that no provider has a data source for.
data "http" "abilities" {
  url = "https://api.pagerduty.com/abilities"
  request_headers = {
    Accept        = "application/vnd.pagerduty+json;version=2"
    Authorization = provider::pagerdutyauth::authorization_header(var.pagerduty_token)
  }
}

variable "pagerduty_token" {
  type      = string
  sensitive = true
}

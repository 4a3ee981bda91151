# No request is sent, and no token is needed.
mock_provider "pagerdutyauth" {
  mock_ephemeral "pagerdutyauth_credential" {
    defaults = {
      status    = "valid"
      valid     = true
      subdomain = "acme"
    }
  }
}

run "change" {
  command = plan

  assert {
    condition     = terraform_data.change.input == "changed"
    error_message = "The change is not planned."
  }
}

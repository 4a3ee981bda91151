# Needs no token and sends nothing.
mock_provider "pagerdutyauth" {
  mock_ephemeral "pagerdutyauth_credential" {
    defaults = {
      valid     = true
      status    = "valid"
      subdomain = "acme"
      user      = { name = "Ada Lovelace" }
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

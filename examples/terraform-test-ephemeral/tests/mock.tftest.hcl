# Needs no token: nothing is sent.
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

run "the_change_is_made" {
  assert {
    condition     = terraform_data.change.output == "changed"
    error_message = "The change was not made."
  }
}

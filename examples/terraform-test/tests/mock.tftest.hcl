# Needs no token and sends nothing. OpenTofu reads mock.tofutest.hcl instead.
mock_provider "pagerdutyauth" {
  mock_data "pagerdutyauth_credential" {
    defaults = {
      valid     = true
      status    = "valid"
      subdomain = "acme"
      user = {
        name = "Ada Lovelace"
        role = "admin"
      }
    }
  }
}

run "greeting_names_the_user" {
  command = plan

  assert {
    condition     = output.greeting == "Planned by Ada Lovelace"
    error_message = "The greeting does not name the user."
  }
}

# Needs no token: nothing is sent.
mock_provider "pagerdutyauth" {
  mock_data "pagerdutyauth_credential" {
    defaults = {
      valid     = true
      status    = "valid"
      subdomain = "acme"
    }
  }
}

run "the_greeting_names_the_account" {
  command = plan

  assert {
    condition     = output.greeting == "Planned in acme"
    error_message = "The greeting lacks the account's subdomain."
  }
}

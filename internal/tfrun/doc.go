// Package tfrun is the one way to run Terraform with the provider built from this
// tree, an environment that has nothing of the user's, and a seeded emulator of
// PagerDuty's API. Acceptance tests, demo, benchmark and pictures use it. It is
// never shipped.
package tfrun

// Package tfrun is the one way to run Terraform with the provider built from this
// tree, without the user's environment, and with a seeded emulator of PagerDuty's API.
// Acceptance tests, demo, benchmark and pictures use it. It is never shipped.
package tfrun

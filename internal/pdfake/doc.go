// Package pdfake emulates the authentication contract of PagerDuty's REST API v2 and of its
// OAuth identity host: HTTPS servers on loopback that speak HTTP/1.1. They return the responses
// that PagerDuty was seen to return, and fail in the ways that a network can.
//
// It shares no code and no struct with any client: one wrong JSON tag on both sides would
// cancel out. Tests, the demo and internal/cmd/emulator use it. It is never shipped.
//
// The marks in comments name the source of a fact about the API: [D] PagerDuty's own
// documentation or client source, [S] a public bug report, [I] inferred, [?] not known.
package pdfake

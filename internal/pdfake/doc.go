// Package pdfake emulates the authentication contract of PagerDuty's REST API v2 and of its
// OAuth identity host: an HTTPS server on loopback, seeded through options, which answers in
// the shapes that were really seen and fails in all the ways a network can.
//
// It shares no code and no struct with any client: one wrong JSON tag on both sides would
// cancel out. It is for tests, the demo and internal/cmd/emulator, and never shipped.
//
// The marks in comments say where a fact about the API comes from: [D] PagerDuty's own
// documentation or client source, [S] seen in a public bug report, [I] inferred, [?] not known.
package pdfake

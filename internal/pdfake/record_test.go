package pdfake

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

// TestJournal_bounded records more than a server remembers.
func TestJournal_bounded(t *testing.T) {
	t.Parallel()
	var j journal
	for i := range maxRecorded + 5 {
		r := httptest.NewRequest(http.MethodGet, "/"+strconv.Itoa(i), http.NoBody)
		j.add(RegionUS, r, nil)
		j.addUnknown(RegionUS, r.Method, r.URL.Path)
	}
	got, unknown := j.Requests(), j.unknownRoutes()
	if len(got) != maxRecorded || len(unknown) != maxRecorded || got[0].Path != "/5" || unknown[0] != "us: GET /5" {
		t.Errorf("%d requests from %s, %d unknown from %s", len(got), got[0].Path, len(unknown), unknown[0])
	}
}

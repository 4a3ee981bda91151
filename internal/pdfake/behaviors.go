package pdfake

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Behavior is the effect of a [Fault].
type Behavior struct {
	name string
	// serve reports false if the normal response follows.
	serve func(c *call) bool
}

// String returns the name, without the data of the behavior.
func (b Behavior) String() string { return b.name }

// responding returns a behavior that replaces the response.
func responding(name string, f func(c *call)) Behavior {
	return Behavior{name: name, serve: func(c *call) bool {
		f(c)
		return true
	}}
}

// hijacking passes the connection, below HTTP and above TLS, to f and closes it afterwards.
func hijacking(name string, f func(c *call, conn net.Conn)) Behavior {
	return responding(name, func(c *call) {
		conn, _, err := http.NewResponseController(c.w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // the client has gone
		}
		f(c, conn)
		_ = conn.Close()
	})
}

// Answer sends this response. It has an x-request-id unless the header has the key "X-Request-Id",
// with a different value or with none.
func Answer(status int, header http.Header, body []byte) Behavior {
	return responding(fmt.Sprintf("Answer(%d)", status), func(c *call) {
		c.begin(header)
		c.w.WriteHeader(status)
		_, _ = c.w.Write(body) // the client may have gone
	})
}

// begin sets the header of a response.
func (c *call) begin(header http.Header) {
	if _, ok := header["X-Request-Id"]; ok {
		delete(c.w.Header(), "x-request-id")
	}
	maps.Copy(c.w.Header(), header.Clone())
}

// AnswerJSON sends a body as JSON, whether it is JSON or not.
func AnswerJSON(status int, body string) Behavior {
	return Answer(status, contentType(jsonType), []byte(body))
}

// AnswerHTML sends a body as HTML, as a load balancer or a captive portal does.
func AnswerHTML(status int, body string) Behavior {
	return Answer(status, contentType(htmlType), []byte(body))
}

// GzipJSON sends a compressed body, even if the client did not request it.
func GzipJSON(status int, body string) Behavior {
	header := contentType(jsonType)
	header.Set("Content-Encoding", "gzip")
	return Answer(status, header, compress([]byte(body)))
}

func contentType(value string) http.Header { return http.Header{"Content-Type": {value}} }

// RateLimited sends a 429 with the number of seconds to wait [D]. If it is negative, the response
// has neither those headers nor a body [S].
func RateLimited(reset int) Behavior {
	if reset < 0 {
		return Answer(http.StatusTooManyRequests, nil, nil)
	}
	return Answer(http.StatusTooManyRequests, http.Header{
		"Content-Type": {jsonType}, "ratelimit-limit": {"960"}, "ratelimit-remaining": {"0"},
		"ratelimit-reset": {strconv.Itoa(reset)},
	}, []byte(rateLimited))
}

// Redirect points to a different location. The API is not expected to redirect [D].
func Redirect(status int, location string) Behavior {
	h := http.Header{"Content-Type": {htmlType}, "Location": {location}}
	return Answer(status, h, []byte("<html><body>You are being redirected.</body></html>"))
}

// Reset resets the TCP connection before any byte of the response.
func Reset() Behavior {
	return responding("Reset", func(c *call) {
		c.conn.reset()
		panic(http.ErrAbortHandler)
	})
}

// CloseSilently ends the connection in good order, without a response.
func CloseSilently() Behavior { return Raw("") }

// CloseReused closes a connection that served a request before, after reading the next request and
// without a response. Go's net/http client then repeats a request such as GET by itself.
func CloseReused() Behavior {
	closing := CloseSilently()
	return Behavior{name: "CloseReused", serve: func(c *call) bool {
		return c.conn.requests > 1 && closing.serve(c)
	}}
}

// Raw sends these bytes as the whole response, above TLS, and ends the connection.
func Raw(text string) Behavior {
	return hijacking("Raw", func(c *call, conn net.Conn) { c.sendRaw(conn, text) })
}

// sendRaw records the status if the text has one.
func (c *call) sendRaw(conn net.Conn, text string) {
	var status int
	if _, err := fmt.Sscanf(text, "HTTP/1.1 %d", &status); err == nil {
		c.w.journal.setStatus(c.w.req, status)
	}
	_, _ = io.WriteString(conn, text) // the client may have gone
}

// TruncatedAnswer announces the whole body and ends the connection after n bytes of it.
func TruncatedAnswer(status int, media, body string, n int) Behavior {
	return Raw(fmt.Sprintf("HTTP/1.1 %d Cut\r\nX-Request-Id: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		status, newRequestID(), media, len(body), body[:n]))
}

// TruncatedBody is a [TruncatedAnswer] to a request for a user.
func TruncatedBody() Behavior {
	return TruncatedAnswer(http.StatusOK, "application/json", `{"user":{"id":"`+strings.Repeat("P", 4096), 20)
}

// Garbage sends bytes that are not HTTP.
func Garbage() Behavior { return Raw("SSH-2.0-OpenSSH_9.6\r\n\x00\xff\xfe\x1b[31m garbage\r\n\r\n") }

// NeverAnswer waits until the client gives up or the server closes.
func NeverAnswer() Behavior {
	return responding("NeverAnswer", func(c *call) {
		<-c.r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// Drip sends a byte per interval, of the header or of the body, until the client gives up or the
// server closes.
func Drip(interval time.Duration, header bool) Behavior {
	const head, body = "HTTP/1.1 200 OK\r\nX-Drip: a", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
	return hijacking(fmt.Sprintf("Drip(%t)", header), func(c *call, conn net.Conn) {
		text := body
		if header {
			text = head
		}
		c.sendRaw(conn, text)
		for sleep(c.r, interval) {
			if _, err := io.WriteString(conn, "a"); err != nil {
				return
			}
		}
	})
}

// Huge sends a JSON object with a string of at least so many bytes. If compressed, they take a
// thousandth of that on the wire. The object is never in memory as a whole.
func Huge(size int64, compressed bool) Behavior {
	return responding(fmt.Sprintf("Huge(%d)", size), func(c *call) {
		encoded := func(b []byte) []byte { return b }
		c.begin(contentType(jsonType))
		if compressed {
			c.w.Header().Set("Content-Encoding", "gzip")
			encoded = compress // a gzip stream may have many members (RFC 1952, section 2.2)
		}
		fill := bytes.Repeat([]byte{'P'}, 64<<10)
		block := encoded(fill)
		_, err := c.w.Write(encoded([]byte(`{"user":{"id":"`)))
		for sent := int64(0); sent < size && err == nil; sent += int64(len(fill)) {
			_, err = c.w.Write(block)
		}
		_, _ = c.w.Write(encoded([]byte(`"}}`))) // the client may have gone
	})
}

// compress cannot fail: it writes to memory.
func compress(b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, _ = z.Write(b)
	_ = z.Close()
	return buf.Bytes()
}

// HugeHeader sends a 200 with a header of so many bytes.
func HugeHeader(size int) Behavior {
	return responding(fmt.Sprintf("HugeHeader(%d)", size), func(c *call) {
		const step = 8 << 10
		for n := 0; n < size; n += step {
			c.w.Header().Set("X-Filler-"+strconv.Itoa(n/step), strings.Repeat("P", min(step, size-n)))
		}
		c.json(http.StatusOK, `{"user":{}}`)
	})
}

// EchoAuthorization returns the Authorization header of the request in a JSON error, in the headers
// X-Echo and X-Request-Id, and in the reason of the status line.
func EchoAuthorization(status int) Behavior {
	return hijacking(fmt.Sprintf("EchoAuthorization(%d)", status), func(c *call, conn net.Conn) {
		auth := c.r.Header.Get("Authorization")
		body, err := json.Marshal(map[string]any{"error": map[string]any{
			"message": "You sent " + auth, "code": 2006, "errors": []string{auth},
		}})
		if err != nil {
			return // a string always has a JSON form
		}
		c.sendRaw(conn, fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"+
			"X-Echo: %s\r\nX-Request-Id: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			status, auth, auth, auth, len(body), body))
	})
}

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

// Behaviour is what a [Fault] does.
type Behaviour struct {
	name string
	// rawBytes needs HTTP/1.1 to be itself.
	rawBytes bool
	// serve is false where the normal answer is to follow.
	serve func(c *call) bool
}

// String names it, without the data it was made from.
func (b Behaviour) String() string { return b.name }

// answering is a behaviour that always takes the request.
func answering(name string, f func(c *call)) Behaviour {
	return Behaviour{name: name, serve: func(c *call) bool {
		f(c)
		return true
	}}
}

// raw gives HTTP/1.1's connection (below HTTP, above TLS) to f, and closes it after.
func raw(name string, f func(c *call, conn net.Conn)) Behaviour {
	return Behaviour{name: name, rawBytes: true, serve: func(c *call) bool {
		conn, _, err := http.NewResponseController(c.w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // HTTP/2 has nothing to hijack
		}
		f(c, conn)
		_ = conn.Close()
		return true
	}}
}

// Answer sends this. The x-request-id is there unless the header has a key "X-Request-Id": with
// another value, or with none.
func Answer(status int, header http.Header, body []byte) Behaviour {
	header, body = header.Clone(), bytes.Clone(body)
	return answering(fmt.Sprintf("Answer(%d)", status), func(c *call) {
		h := c.w.Header()
		if _, ok := header["X-Request-Id"]; ok {
			delete(h, "x-request-id")
		}
		maps.Copy(h, header.Clone())
		if c.r.ProtoMajor == 2 {
			h.Del("Proxy-Connection") // HTTP/2 forbids it, and net/http would send it (RFC 9113 8.2.2)
		}
		c.w.WriteHeader(status)
		_, _ = c.w.Write(body) // a 204 takes none, and the client may have gone
	})
}

// AnswerJSON sends this as JSON, whatever it is.
func AnswerJSON(status int, body string) Behaviour {
	return Answer(status, contentType(jsonType), []byte(body))
}

// AnswerHTML sends this as HTML, as a load balancer or a captive portal does.
func AnswerHTML(status int, body string) Behaviour {
	return Answer(status, contentType(htmlType), []byte(body))
}

func contentType(value string) http.Header { return http.Header{"Content-Type": {value}} }

// gzipped is the header of a compressed body.
func gzipped(contentType string) http.Header {
	return http.Header{"Content-Type": {contentType}, "Content-Encoding": {"gzip"}}
}

// RateLimited is a 429 that asks for so many seconds of patience [D]. Negative: neither headers
// nor a body, which happens too [S].
func RateLimited(reset int) Behaviour {
	if reset < 0 {
		return Answer(http.StatusTooManyRequests, nil, nil)
	}
	h := contentType(jsonType)
	limitHeaders(h, 960, 0, reset)
	return Answer(http.StatusTooManyRequests, h, []byte(rateLimited))
}

// RetryAfter is an error with a Retry-After header, which PagerDuty does not document, and which
// proxies in front of it send.
func RetryAfter(status int, value string) Behaviour {
	h := http.Header{"Content-Type": {jsonType}, "Retry-After": {value}}
	return Answer(status, h, []byte(`{"error":{"message":"Try again later"}}`))
}

// Redirect points elsewhere. The API is not expected to redirect [D].
func Redirect(status int, location string) Behaviour {
	h := http.Header{"Content-Type": {htmlType}, "Location": {location}}
	return Answer(status, h, []byte("<html><body>You are being redirected.</body></html>"))
}

// Reset resets the TCP connection before any byte of the answer.
func Reset() Behaviour {
	return answering("Reset", func(c *call) {
		c.settle()
		c.conn.reset()
		panic(http.ErrAbortHandler)
	})
}

// CloseSilently ends the connection in good order, without an answer.
func CloseSilently() Behaviour {
	return answering("CloseSilently", func(c *call) {
		c.settle()
		_ = c.conn.top.Close()
		panic(http.ErrAbortHandler)
	})
}

// settle lets an HTTP/2 client acknowledge our settings first. If that met a reset, the write would
// take the error, and the read see a mere end; if it met a close, the read would see a reset.
func (c *call) settle() {
	if c.r.ProtoMajor == 2 {
		c.s.sleep(c.r, 20*time.Millisecond)
	}
}

// ResetMidHeader resets the TCP connection in the middle of the header block.
func ResetMidHeader() Behaviour {
	return raw("ResetMidHeader", func(c *call, conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: applic")
		// The reset would overtake what is still on its way.
		c.s.sleep(c.r, 20*time.Millisecond)
		c.conn.reset()
	})
}

// TruncatedChunk ends the connection in the middle of a chunk of the body.
func TruncatedChunk() Behaviour {
	return raw("TruncatedChunk", func(c *call, conn net.Conn) {
		c.w.sent(http.StatusOK, 0)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"+
			"Transfer-Encoding: chunked\r\n\r\n1000\r\n{\"user\":{\"id\":\"P")
	})
}

// TruncatedBody announces a longer body than it sends.
func TruncatedBody() Behaviour {
	return TruncatedAnswer(http.StatusOK, "application/json", `{"user":{"id":"`+strings.Repeat("P", 4096), 20)
}

// NeverAnswer waits until the client or the server gives up.
func NeverAnswer() Behaviour {
	return answering("NeverAnswer", func(c *call) {
		c.s.sleep(c.r, forever)
		panic(http.ErrAbortHandler)
	})
}

// Drip sends a byte per interval, in the header block or in the body, until the client or the
// server gives up.
func Drip(interval time.Duration, header bool) Behaviour {
	if header {
		return raw("Drip(header)", func(c *call, conn net.Conn) {
			c.drip(conn, func() error { return nil }, "HTTP/1.1 200 OK\r\nX-Drip: a", interval)
		})
	}
	return answering("Drip(body)", func(c *call) {
		c.w.Header().Set("Content-Type", "application/json")
		c.drip(c.w, http.NewResponseController(c.w).Flush, `{"user":{"id":"P`, interval)
		panic(http.ErrAbortHandler)
	})
}

// drip writes the text byte by byte, and then its last byte for ever.
func (c *call) drip(w io.Writer, flush func() error, text string, interval time.Duration) {
	for i := 0; ; i = min(i+1, len(text)-1) {
		if _, err := io.WriteString(w, text[i:i+1]); err != nil || flush() != nil || !c.s.sleep(c.r, interval) {
			return
		}
	}
}

// Huge is a 200 with a JSON object of so many bytes, which grows in a string: uncompressed, or so
// many after decompression of a thousandth of it. It is never in memory as a whole.
func Huge(size int64, compressed bool) Behaviour {
	const head, tail = `{"user":{"id":"`, `"}}`
	return answering(fmt.Sprintf("Huge(%d)", size), func(c *call) {
		encoded := func(b []byte) []byte { return b }
		c.w.Header().Set("Content-Type", jsonType)
		if compressed {
			c.w.Header().Set("Content-Encoding", "gzip")
			encoded = compress // a gzip stream may have many members (RFC 1952 2.2)
		}
		// Small writes, so that Bytes counts closely what the client took.
		fill := bytes.Repeat([]byte{'P'}, 64<<10)
		block := encoded(fill)
		_, err := c.w.Write(encoded([]byte(head)))
		rest := size - int64(len(head)+len(tail))
		for ; rest >= int64(len(fill)) && err == nil; rest -= int64(len(fill)) {
			_, err = c.w.Write(block)
		}
		if err == nil {
			_, _ = c.w.Write(encoded(append(fill[:rest], tail...))) // the client may have gone
		}
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

// HugeHeader is a 200 with so many bytes of header.
func HugeHeader(size int) Behaviour {
	return answering(fmt.Sprintf("HugeHeader(%d)", size), func(c *call) {
		const step = 8 << 10
		for n := 0; n < size; n += step {
			c.w.Header().Set("X-Filler-"+strconv.Itoa(n/step), strings.Repeat("P", min(step, size-n)))
		}
		c.json(http.StatusOK, `{"user":{}}`)
	})
}

// EchoAuthorization sends the received Authorization header back: in the body (a JSON error
// with its message), in the headers X-Echo and X-Request-Id, and in the status line's reason.
func EchoAuthorization(status int) Behaviour {
	return raw(fmt.Sprintf("EchoAuthorization(%d)", status), func(c *call, conn net.Conn) {
		auth := c.r.Header.Get("Authorization")
		body, err := json.Marshal(map[string]any{"error": map[string]any{
			"message": "You sent " + auth, "code": 2006, "errors": []string{auth},
		}})
		if err != nil {
			return // a string always has a JSON form
		}
		c.w.sent(status, len(body))
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"+
			"X-Echo: %s\r\nX-Request-Id: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			status, auth, auth, auth, len(body), body)
	})
}

// GzipJSON is a compressed body, asked for or not.
func GzipJSON(status int, body string) Behaviour {
	return Answer(status, gzipped(jsonType), compress([]byte(body)))
}

// Garbage answers with what is not HTTP.
func Garbage() Behaviour {
	return raw("Garbage", func(c *call, conn net.Conn) {
		_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.6\r\n\x00\xff\xfe\x1b[31m garbage\r\n\r\n")
		c.s.sleep(c.r, 20*time.Millisecond)
	})
}

// Delay waits, then the normal answer follows.
func Delay(d time.Duration) Behaviour {
	return Behaviour{name: "Delay", serve: func(c *call) bool {
		if !c.s.sleep(c.r, d) {
			panic(http.ErrAbortHandler)
		}
		return false
	}}
}

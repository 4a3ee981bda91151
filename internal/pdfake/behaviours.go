package pdfake

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
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
func answering(name string, raw bool, f func(c *call)) Behaviour {
	return Behaviour{name: name, rawBytes: raw, serve: func(c *call) bool {
		f(c)
		return true
	}}
}

// Answer sends this. The x-request-id is there unless the header has a key "X-Request-Id": with
// another value, or with none.
func Answer(status int, header http.Header, body []byte) Behaviour {
	header, body = header.Clone(), bytes.Clone(body)
	return answering(fmt.Sprintf("Answer(%d)", status), false, func(c *call) {
		h := c.w.Header()
		if _, ok := header["X-Request-Id"]; ok {
			delete(h, "x-request-id")
		}
		maps.Copy(h, header.Clone())
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
	return answering("Reset", false, func(c *call) {
		if c.r.ProtoMajor == 2 {
			// The client still acknowledges our settings. If that meets the reset, the write
			// takes the error, and the read sees a mere end.
			c.s.sleep(c.r, 20*time.Millisecond)
		}
		resetConnection(c.r)
		panic(http.ErrAbortHandler)
	})
}

// CloseSilently ends the connection in good order, without an answer.
func CloseSilently() Behaviour {
	return answering("CloseSilently", false, func(c *call) {
		if conn, _ := connOf(c.r.Context()); conn != nil {
			_ = conn.Close()
		}
		panic(http.ErrAbortHandler)
	})
}

// ResetMidHeader resets the TCP connection in the middle of the header block.
func ResetMidHeader() Behaviour {
	return answering("ResetMidHeader", true, func(c *call) {
		begin := []byte("HTTP/1.1 200 OK\r\nContent-Type: applic")
		if c.r.ProtoMajor == 2 {
			begin = append(headersFrame(100), 0x88)
		}
		c.raw(func(conn net.Conn) {
			_, _ = conn.Write(begin)
			// The reset would overtake what is still on its way.
			c.s.sleep(c.r, 20*time.Millisecond)
			resetConnection(c.r)
		})
	})
}

// TruncatedChunk ends the connection in the middle of a chunk of the body.
func TruncatedChunk() Behaviour {
	return answering("TruncatedChunk", true, func(c *call) {
		if c.r.ProtoMajor == 2 {
			c.truncate("")
			return
		}
		c.w.rec.setStatus(http.StatusOK)
		c.raw(func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"+
				"Transfer-Encoding: chunked\r\n\r\n1000\r\n{\"user\":{\"id\":\"P")
		})
	})
}

// TruncatedBody announces a longer body than it sends.
func TruncatedBody() Behaviour {
	return answering("TruncatedBody", false, func(c *call) { c.truncate("4096") })
}

func (c *call) truncate(length string) {
	c.w.Header().Set("Content-Type", "application/json")
	if length != "" {
		c.w.Header().Set("Content-Length", length)
	}
	_, _ = c.w.Write([]byte(`{"user":{"id":"P`))
	_ = http.NewResponseController(c.w).Flush()
	panic(http.ErrAbortHandler)
}

// NeverAnswer waits until the client or the server gives up.
func NeverAnswer() Behaviour {
	return answering("NeverAnswer", false, func(c *call) {
		c.s.sleep(c.r, forever)
		panic(http.ErrAbortHandler)
	})
}

// Drip sends a byte per interval, in the header block or in the body, until the client or the
// server gives up.
func Drip(interval time.Duration, header bool) Behaviour {
	if header {
		return answering("Drip(header)", true, func(c *call) { c.dripHeader(interval) })
	}
	return answering("Drip(body)", false, func(c *call) { c.dripBody(interval) })
}

func (c *call) dripBody(interval time.Duration) {
	c.w.Header().Set("Content-Type", "application/json")
	flush := http.NewResponseController(c.w).Flush
	for next := range endless(`{"user":{"id":"`, 'P') {
		if _, err := c.w.Write([]byte{next}); err != nil || flush() != nil || !c.s.sleep(c.r, interval) {
			break
		}
	}
	panic(http.ErrAbortHandler)
}

func (c *call) dripHeader(interval time.Duration) {
	begin := "HTTP/1.1 200 OK\r\nX-Drip: "
	c.raw(func(conn net.Conn) {
		if c.r.ProtoMajor == 2 {
			// The frame's own header goes at once, and after the server's acknowledgment of the
			// client's settings: so whatever else the server writes is taken for its content.
			c.s.sleep(c.r, 20*time.Millisecond)
			_, _ = conn.Write(headersFrame(16384)) // the next write reports a failure
			begin = "\x88"
		}
		r := c.r
		if r.ProtoMajor == 1 {
			// Once hijacked, a connection's end does not end the request's context.
			ctx, gone := context.WithCancel(context.WithoutCancel(r.Context()))
			r = r.WithContext(ctx)
			go func() {
				defer gone()
				_, _ = io.Copy(io.Discard, conn)
			}()
			defer func() {
				_ = conn.Close()
				<-ctx.Done()
			}()
		}
		for next := range endless(begin, 'a') {
			if _, err := conn.Write([]byte{next}); err != nil || !c.s.sleep(r, interval) {
				return
			}
		}
	})
}

// endless is the text, then filler for ever.
func endless(text string, filler byte) func(yield func(byte) bool) {
	return func(yield func(byte) bool) {
		for i := range len(text) {
			if !yield(text[i]) {
				return
			}
		}
		for yield(filler) {
		}
	}
}

const mebibyte = 1 << 20

// The blocks that huge bodies are made of, so that no huge body is ever held in memory.
var (
	hugeHead  = []byte(`{"user":{"id":"`)
	hugeTail  = []byte(`"}}`)
	fillBlock = sync.OnceValue(func() []byte { return bytes.Repeat([]byte{'P'}, mebibyte) })
	gzipBlock = sync.OnceValue(func() []byte { return compress(fillBlock()) })
)

// Huge is a 200 with a JSON object of about so many bytes, which grows in a string: uncompressed,
// or so many after decompression of a thousandth of it.
func Huge(size int64, compressed bool) Behaviour {
	return answering(fmt.Sprintf("Huge(%d)", size), false, func(c *call) {
		c.w.Header().Set("Content-Type", jsonType)
		if !compressed {
			c.hugePlain(size)
			return
		}
		c.w.Header().Set("Content-Encoding", "gzip")
		// A gzip stream may have many members, which decompress to one text (RFC 1952 2.2).
		if _, err := c.w.Write(compress(hugeHead)); err != nil {
			return
		}
		for n := int64(0); n < size; n += mebibyte {
			if _, err := c.w.Write(gzipBlock()); err != nil {
				return
			}
		}
		_, _ = c.w.Write(compress(hugeTail))
	})
}

func (c *call) hugePlain(size int64) {
	if _, err := c.w.Write(hugeHead); err != nil {
		return
	}
	// Small writes, so that Bytes tells closely what the client took.
	const step = 64 << 10
	for n := size - int64(len(hugeHead)+len(hugeTail)); n > 0; n -= step {
		if _, err := c.w.Write(fillBlock()[:min(n, step)]); err != nil {
			return
		}
	}
	_, _ = c.w.Write(hugeTail)
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
	return answering(fmt.Sprintf("HugeHeader(%d)", size), false, func(c *call) {
		const step = 8 << 10
		for n := 0; n < size; n += step {
			c.w.Header().Set("X-Filler-"+strconv.Itoa(n/step), strings.Repeat("P", min(step, size-n)))
		}
		c.json(http.StatusOK, `{"user":{}}`)
	})
}

// EchoAuthorization sends the received Authorization header back: in the body (a JSON error
// with its message), in the headers X-Echo and X-Request-Id, and in the status line's reason,
// which HTTP/2 does not have.
func EchoAuthorization(status int) Behaviour {
	return answering(fmt.Sprintf("EchoAuthorization(%d)", status), true, func(c *call) {
		auth := c.r.Header.Get("Authorization")
		body, err := json.Marshal(map[string]any{"error": map[string]any{
			"message": "You sent " + auth, "code": 2006, "errors": []string{auth},
		}})
		if err != nil {
			return // a string always has a JSON form
		}
		if c.r.ProtoMajor == 2 {
			h := c.w.Header()
			delete(h, "x-request-id")
			h.Set("X-Echo", auth)
			h.Set("X-Request-Id", auth)
			c.json(status, string(body))
			return
		}
		c.w.rec.setStatus(status)
		c.w.count(len(body))
		c.raw(func(conn net.Conn) {
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"+
				"X-Echo: %s\r\nX-Request-Id: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
				status, auth, auth, auth, len(body), body)
		})
	})
}

// GzipJSON is a compressed body, asked for or not.
func GzipJSON(status int, body string) Behaviour {
	return Answer(status, gzipped(jsonType), compress([]byte(body)))
}

// Garbage answers with what is not HTTP.
func Garbage() Behaviour {
	return answering("Garbage", true, func(c *call) {
		c.raw(func(conn net.Conn) {
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.6\r\n\x00\xff\xfe\x1b[31m garbage\r\n\r\n")
			c.s.sleep(c.r, 20*time.Millisecond)
		})
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

// raw gives the connection (below HTTP, above TLS) to f, and closes it after. With HTTP/2 there
// is no hijacking: f writes between the frames of a server that goes on.
func (c *call) raw(f func(conn net.Conn)) {
	if c.r.ProtoMajor == 2 {
		conn, _ := connOf(c.r.Context())
		if conn != nil {
			f(conn)
			_ = conn.Close()
		}
		panic(http.ErrAbortHandler)
	}
	conn, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	f(conn)
	_ = conn.Close()
}

// headersFrame is the 9 bytes before the HEADERS frame of the first request's answer
// (RFC 9113 6.2), with END_HEADERS set.
func headersFrame(length uint32) []byte {
	return append(binary.BigEndian.AppendUint32(nil, length)[1:], 0x1, 0x4, 0, 0, 0, 1)
}

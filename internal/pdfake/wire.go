package pdfake

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sync/atomic"
	"time"
)

// TrailingBytes sends a whole answer, and then bytes that nobody asked for, on a connection that
// stays open: what a gateway with a wrong Content-Length does. Go's net/http client writes such
// bytes to the standard logger.
func TrailingBytes(status int, media, body, trailing string) Behaviour {
	return raw(fmt.Sprintf("TrailingBytes(%d)", status), func(c *call, conn net.Conn) {
		c.overrun(conn, status, contentType(media), []byte(body), []byte(trailing))
	})
}

// TrailingAuthorization is [TrailingBytes] that quotes the request, with its Authorization
// header, as gateways do on their error pages.
func TrailingAuthorization(status int, media, body string) Behaviour {
	return raw(fmt.Sprintf("TrailingAuthorization(%d)", status), func(c *call, conn net.Conn) {
		trailing := fmt.Sprintf("Your request was: %s %s\r\nAuthorization: %s\r\n",
			c.r.Method, c.r.URL.RequestURI(), c.r.Header.Get("Authorization"))
		c.overrun(conn, status, contentType(media), []byte(body), []byte(trailing))
	})
}

// ShortContentLength sends the normal answer with a Content-Length of at most so many bytes, and
// the rest of the body after it, on a connection that stays open: for /users/me the rest holds
// the calendar addresses.
func ShortContentLength(length int) Behaviour {
	return raw(fmt.Sprintf("ShortContentLength(%d)", length), func(c *call, conn net.Conn) {
		status, header, body := c.capture()
		n := min(length, len(body))
		c.overrun(conn, status, header, body[:n], body[n:])
	})
}

// overrun sends an answer with the Content-Length of its body, and more bytes after it. Then it
// waits for the client to close the connection.
func (c *call) overrun(conn net.Conn, status int, header http.Header, body, trailing []byte) {
	all := maps.Clone(c.w.Header())
	maps.Copy(all, header)
	all["Content-Length"] = []string{fmt.Sprint(len(body))}
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = all.Write(&b) // memory
	b.WriteString("\r\n")
	b.Write(body)
	b.Write(trailing)
	c.w.sent(status, len(body)+len(trailing))
	// One write: the bytes are there when the client has read the answer.
	if _, err := conn.Write(b.Bytes()); err == nil {
		_, _ = io.Copy(io.Discard, conn) // until the client closes, or the server
	}
}

// capture is the normal answer, which is not sent.
func (c *call) capture() (status int, header http.Header, body []byte) {
	sent := c.w
	memory := httptest.NewRecorder()
	maps.Copy(memory.Header(), sent.Header())
	c.w = &answer{ResponseWriter: memory, journal: sent.journal, req: sent.req, bytes: new(atomic.Int64)}
	c.serve()
	c.w = sent
	return memory.Code, memory.Header(), memory.Body.Bytes()
}

// CloseReused closes a connection that carried a request before, after reading the request and
// without an answer; the first request of each connection is answered normally. Go's net/http
// client then sends a request such as GET again by itself.
func CloseReused() Behaviour {
	closing := CloseSilently()
	return Behaviour{name: "CloseReused", rawBytes: true, serve: func(c *call) bool {
		return c.conn.requests.Load() > 1 && closing.serve(c)
	}}
}

// The HTTP/2 frames that are sent past the server (RFC 9113, sections 6.4 and 6.8).
const (
	frameRSTStream = 0x3
	frameGoAway    = 0x7
	noError        = 0x0
	refusedStream  = 0x7
)

// GoAway answers an HTTP/2 request with GOAWAY, whose last stream is 0: none was processed. Go's
// net/http client then sends the request again by itself, on a connection of its own. With
// HTTP/1.1 the connection is closed.
func GoAway() Behaviour {
	return answering("GoAway", func(c *call) {
		c.frame(frameGoAway, 0, binary.BigEndian.AppendUint64(nil, noError)) // last stream 0, no error
		// The client closes. To close first might reset the connection before it reads the frame.
		c.s.sleep(c.r, time.Second)
		_ = c.conn.top.Close()
		panic(http.ErrAbortHandler)
	})
}

// RefuseStream answers an HTTP/2 request with RST_STREAM and the code REFUSED_STREAM: it was not
// processed. Go's net/http client then sends it again by itself, on the same connection. With
// HTTP/1.1 the connection is closed.
func RefuseStream() Behaviour {
	return answering("RefuseStream", func(c *call) {
		c.frame(frameRSTStream, streamID(c.w.ResponseWriter), binary.BigEndian.AppendUint32(nil, refusedStream))
		panic(http.ErrAbortHandler)
	})
}

// frame writes an HTTP/2 frame between those of the server. Each of both is one write. The server's
// SETTINGS come first, or the client takes the frame for an error; under load its handlers
// overtake them.
func (c *call) frame(kind byte, stream uint32, payload []byte) {
	if c.r.ProtoMajor != 2 {
		return
	}
	handshake := int64(1) // writes, with TLS 1.3
	if c.r.TLS.Version == tls.VersionTLS12 {
		handshake = 2
	}
	for i := 0; i < 10_000 && c.conn.writes.Load() <= handshake; i++ {
		if !c.s.sleep(c.r, time.Millisecond) {
			return
		}
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))[1:] //nolint:gosec // 8 bytes at most
	b = append(b, kind, 0)
	b = binary.BigEndian.AppendUint32(b, stream)
	_, _ = c.conn.top.Write(append(b, payload...)) // the client may have gone
}

// streamID is the number of an HTTP/2 request's stream, which net/http gives to nobody. It is 0
// where a later Go has other names for the fields: a test says so.
func streamID(w http.ResponseWriter) uint32 {
	v := reflect.ValueOf(w)
	for _, field := range []string{"rws", "stream", "id"} {
		for v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return 0
		}
		v = v.FieldByName(field)
	}
	if v.Kind() != reflect.Uint32 {
		return 0
	}
	return uint32(v.Uint()) //nolint:gosec // of that kind
}

// TruncatedAnswer announces the whole body and ends the connection (with HTTP/2 the stream) after
// n bytes of it.
func TruncatedAnswer(status int, media, fullBody string, n int) Behaviour {
	return truncated(fmt.Sprintf("TruncatedAnswer(%d)", status), status, contentType(media), []byte(fullBody), n)
}

// TruncatedGzip is [TruncatedAnswer] with a compressed body. n counts compressed bytes.
func TruncatedGzip(status int, media, fullBody string, n int) Behaviour {
	return truncated(fmt.Sprintf("TruncatedGzip(%d)", status), status, gzipped(media), compress([]byte(fullBody)), n)
}

// IncompleteGzip sends n bytes of the compressed body as if they were all: the answer is whole for
// HTTP, but its compression is not.
func IncompleteGzip(status int, media, fullBody string, n int) Behaviour {
	b := compress([]byte(fullBody))
	return Answer(status, gzipped(media), b[:min(n, len(b))])
}

func truncated(name string, status int, header http.Header, body []byte, n int) Behaviour {
	return answering(name, func(c *call) {
		c.begin(status, header, body, n)
		panic(http.ErrAbortHandler)
	})
}

// SlowAnswer sends n bytes of the body at once and the rest after a pause, which ends with the
// client or the server; a negative pause does not end by itself.
func SlowAnswer(status int, media, fullBody string, n int, pause time.Duration) Behaviour {
	if pause < 0 {
		pause = forever
	}
	return answering(fmt.Sprintf("SlowAnswer(%d)", status), func(c *call) {
		rest := c.begin(status, contentType(media), []byte(fullBody), n)
		if !c.s.sleep(c.r, pause) {
			panic(http.ErrAbortHandler)
		}
		_, _ = c.w.Write(rest) // the client may have gone
	})
}

// begin sends the header, with the length of the whole body, and n bytes of it. It returns the
// rest.
func (c *call) begin(status int, header http.Header, body []byte, n int) (rest []byte) {
	n = max(0, min(n, len(body)))
	maps.Copy(c.w.Header(), header.Clone())
	c.w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	c.w.WriteHeader(status)
	if n > 0 {
		_, _ = c.w.Write(body[:n]) // the client may have gone
	}
	_ = http.NewResponseController(c.w).Flush()
	return body[n:]
}

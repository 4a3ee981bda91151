package main

import (
	"context"
	"io"
	"net"
	"time"
)

// newRelay listens on loopback and passes what comes on to address, each byte
// later by delay in each direction.
func newRelay(address string, delay time.Duration) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := new(net.Dialer).DialContext(context.Background(), "tcp", address)
			if err != nil {
				_ = client.Close()
				continue
			}
			go pass(client, server, delay)
			go pass(server, client, delay)
		}
	}()
	return listener, nil
}

// pass copies bytes until one side ends, and ends the other.
func pass(to io.WriteCloser, from io.Reader, delay time.Duration) {
	type chunk struct {
		bytes []byte
		due   time.Time
	}
	chunks := make(chan chunk, 1024)
	go func() {
		defer func() { _ = to.Close() }()
		for c := range chunks {
			time.Sleep(time.Until(c.due))
			// What cannot be written any more is read to its end.
			_, _ = to.Write(c.bytes)
		}
	}()
	defer close(chunks)
	for {
		buffer := make([]byte, 16<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			chunks <- chunk{buffer[:n], time.Now().Add(delay)}
		}
		if err != nil {
			return
		}
	}
}

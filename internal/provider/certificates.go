package provider

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
)

// maxCertificates bounds ca_cert_file, in bytes. The system's whole bundle has
// about a quarter of a megabyte.
const maxCertificates = 16 << 20

// Why ca_cert_file cannot be used, next to the errors of package os.
var (
	errNotRegular = errors.New("it is not a regular file, but a directory, pipe or device")
	errTooLarge   = errors.New("it is larger than 16 MiB")
)

// decideCertificates takes what is trusted in addition to the system's certificates.
func (d *decision) decideCertificates(m providerModel) {
	d.noteUnknown("ca_cert_file", m.CACertFile)
	d.noteUnknown("ca_cert_pem", m.CACertPEM)
	file, text := m.CACertFile.ValueString(), m.CACertPEM.ValueString()
	argument, content := "ca_cert_pem", []byte(text)
	switch {
	case file != "" && text != "":
		d.diags.Append(conflictingCA)
		return
	case file != "":
		argument = "ca_cert_file"
		var err error
		if content, err = readCertificates(file); err != nil {
			d.diags.Append(unreadableCA(err))
			return
		}
	case text == "":
		return
	}
	certificates, readable, unreadable := usableCertificates(content)
	switch {
	case readable == 0:
		d.diags.Append(noCA(argument, unreadable))
	case unreadable > 0:
		d.diags.Append(partlyReadableCA(argument, readable, unreadable))
	}
	d.extraCAs = certificates
}

// readCertificates reads a regular file of at most maxCertificates bytes. It asks
// before it opens: opening a FIFO that nobody writes to would wait forever.
func readCertificates(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, maxCertificates+1))
	if err == nil && len(content) > maxCertificates {
		err = errTooLarge
	}
	return content, err
}

// usableCertificates gives the certificates of a PEM text that Go can read, as PEM
// again, and counts them and those that it cannot. Other blocks, such as a private
// key, are left out.
func usableCertificates(content []byte) (certificates []byte, readable, unreadable int) {
	const blockType = "CERTIFICATE"
	// An editor's byte order mark would hide the first one.
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	// Decode skips a block whose Base64 is broken, so the beginnings are counted.
	begun := bytes.Count(content, []byte("-----BEGIN "+blockType+"-----"))
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != blockType {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			continue
		}
		readable++
		certificates = append(certificates, pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: block.Bytes})...)
	}
	return certificates, readable, max(0, begun-readable)
}

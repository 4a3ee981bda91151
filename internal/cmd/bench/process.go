package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cookie is what go-plugin's client sets to tell a provider that it is one:
// TF_PLUGIN_MAGIC_COOKIE, public in Terraform's source.
const cookie = "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

// start compares the time from a process's start to its handshake line.
func (b *bench) start(ctx context.Context) error {
	measure := func(name string) func() (time.Duration, error) {
		return func() (time.Duration, error) { return handshake(ctx, b.binary(name)) }
	}
	// Milliseconds each: more runs cost nothing and steady the median.
	more := *b
	more.runs = 10 * b.runs
	medians, err := more.interleaved(measure(ours), measure(floor))
	if err != nil {
		return err
	}
	row("start to handshake", milliseconds(medians[0]), milliseconds(medians[1]), float64(medians[0])/float64(medians[1]), 1.1)
	return nil
}

func handshake(ctx context.Context, binary string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(os.Environ(), cookie, "PLUGIN_PROTOCOL_VERSIONS=6")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	took := time.Since(start)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if err != nil || !strings.HasPrefix(line, "1|6|") {
		return 0, fmt.Errorf("%s did not shake hands: %q, %w", filepath.Base(binary), line, err)
	}
	// 1|6|unix|<path>|grpc|: a killed provider leaves its socket behind.
	if fields := strings.Split(line, "|"); len(fields) > 3 && fields[2] == "unix" {
		_ = os.Remove(fields[3])
	}
	return took, nil
}

// Set for a copy of this program that stands before a provider: the provider's
// path, and the file that its peak memory is appended to.
const (
	wrapVariable = "PAGERDUTYAUTH_BENCH_WRAP"
	peakVariable = "PAGERDUTYAUTH_BENCH_PEAK"
)

// wrap runs the provider in its place and notes its peak resident memory.
func wrap() int {
	cmd := exec.CommandContext(context.Background(), os.Getenv(wrapVariable))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return 1
	}
	if f, err := os.OpenFile(os.Getenv(peakVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		_, _ = fmt.Fprintln(f, peakMemory(cmd.ProcessState))
		_ = f.Close()
	}
	return cmd.ProcessState.ExitCode()
}

// memory compares the largest of the provider's processes of a plan, by the
// system's own count of resident memory.
func (b *bench) memory(ctx context.Context, check, nothing *workspace) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var peaks [2][]int64
	for i, name := range []string{ours, floor} {
		if err := replaceFile(self, b.binary(name)); err != nil {
			return err
		}
		w := []*workspace{check, nothing}[i]
		for range b.runs {
			file := filepath.Join(b.dir, "peak")
			if _, err := w.plan(ctx, wrapVariable+"="+b.built(name), peakVariable+"="+file); err != nil {
				return err
			}
			peak, err := largest(file)
			if err != nil {
				return err
			}
			peaks[i] = append(peaks[i], peak)
		}
	}
	if err := b.renew(ours, floor); err != nil {
		return err
	}
	mine, floors := median(peaks[0]), median(peaks[1])
	if mine == 0 || floors == 0 {
		fmt.Printf("%-44s not measured on this system\n", "peak resident memory")
		return nil
	}
	row("peak resident memory, in a plan", megabytes(mine), megabytes(floors), float64(mine)/float64(floors), 1.15)
	return nil
}

// largest reads the numbers of a file, and removes it.
func largest(file string) (int64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	if err := os.Remove(file); err != nil {
		return 0, err
	}
	lines := strings.Fields(string(text))
	if len(lines) == 0 {
		return 0, errNoMeasure
	}
	var most int64
	for _, line := range lines {
		n, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			return 0, err
		}
		most = max(most, n)
	}
	return most, nil
}

// replaceFile makes a program of its own, in the place of what is there. A new
// file and not the old one's pages.
func replaceFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o700) //nolint:gosec // a program
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}

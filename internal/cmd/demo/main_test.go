package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

const asMain = "DEMO_TEST_AS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// The demo interrupts Terraform and removes its files when it is told to stop.
func TestDemo_interrupted(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupt that a process can send to another")
	}
	dir, temp := t.TempDir(), t.TempDir()
	terraform, started := filepath.Join(dir, "terraform"), filepath.Join(dir, "started")
	script := "#!/bin/sh\nif [ $1 = version ]; then echo Terraform v1.11.4; exit; fi\n" +
		"trap 'exit 1' INT\n: > '" + started + "'\nwhile :; do sleep 0.1; done\n"
	if err := os.WriteFile(terraform, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), asMain+"=1", "TERRAFORM="+terraform, "TF_ACC_TERRAFORM_PATH=", "TMPDIR="+temp)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for _, err := os.Stat(started); err != nil; _, err = os.Stat(started) {
			time.Sleep(10 * time.Millisecond)
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%v: it ended with %v", signal, err)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
			t.Errorf("%v: left behind: %v, %v", signal, left, err)
		}
		if err := os.Remove(started); err != nil {
			t.Fatal(err)
		}
	}
}

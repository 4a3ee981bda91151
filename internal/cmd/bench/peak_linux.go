package main

import (
	"os"
	"syscall"
)

// peakMemory is a process's largest resident memory in bytes. Linux counts it in
// kilobytes (getrusage(2)), other systems in other units.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss * 1024
}

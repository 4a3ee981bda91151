//go:build !linux

package main

import "os"

// peakMemory is 0 for "not measured": only Linux's unit is known here.
func peakMemory(*os.ProcessState) int64 { return 0 }

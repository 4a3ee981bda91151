//go:build !windows

package main

const exeSuffix = ""

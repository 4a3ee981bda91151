//go:build !windows

package stage

const exeSuffix = ""

package stage

// ExeSuffix ends the name of a program on this system.
const ExeSuffix = ".exe"

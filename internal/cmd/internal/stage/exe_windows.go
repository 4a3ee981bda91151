package stage

const exeSuffix = ".exe"

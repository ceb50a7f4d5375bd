//go:build !berthdebug

package berth

// collectGarbage does nothing but under the build tag berthdebug.
func collectGarbage() {}

//go:build berthdebug

package berth

import "runtime"

// collectGarbage runs on the way into every call, so that an object that is not kept alive fails in tests and not in production.
func collectGarbage() { runtime.GC() }

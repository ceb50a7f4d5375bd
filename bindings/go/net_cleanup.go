//go:build go1.24

package berth

import "runtime"

// catch closes the handle of an owner that became unreachable without Close. Nothing depends on it.
func catch[T any](owner *T, h *handle) *T {
	runtime.AddCleanup(owner, (*handle).close, h)
	return owner
}

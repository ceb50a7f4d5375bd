package berth

// #include "crossing.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
)

// Status says what kind of failure an [Error] is. Later versions of the library may know more.
type Status int32

const (
	OK               Status = C.BERTH_OK
	InvalidArgument  Status = C.BERTH_INVALID_ARGUMENT  // An argument, a request or a document is wrong.
	Malformed        Status = C.BERTH_MALFORMED         // Snapshot bytes whose structure is broken.
	Inconsistent     Status = C.BERTH_INCONSISTENT      // Snapshot bytes whose content contradicts itself.
	Unsupported      Status = C.BERTH_UNSUPPORTED       // Understood, but not something that Berth does.
	LimitExceeded    Status = C.BERTH_LIMIT_EXCEEDED    // More than a documented limit.
	DeadlineExceeded Status = C.BERTH_DEADLINE_EXCEEDED // The context's deadline passed.
	Cancelled        Status = C.BERTH_CANCELLED         // The context was cancelled.
	OutOfMemory      Status = C.BERTH_OUT_OF_MEMORY
	Internal         Status = C.BERTH_INTERNAL // A defect of Berth.
	NotFound         Status = C.BERTH_NOT_FOUND
	AlreadyExists    Status = C.BERTH_ALREADY_EXISTS
	Conflict         Status = C.BERTH_CONFLICT
	IOError          Status = C.BERTH_IO_ERROR
)

var statusNames = [...]string{"ok", "invalid argument", "malformed", "inconsistent", "unsupported", "limit exceeded", "deadline exceeded",
	"cancelled", "out of memory", "internal", "not found", "already exists", "conflict", "input or output error"}

func (s Status) String() string {
	if s >= 0 && int(s) < len(statusNames) {
		return statusNames[s]
	}
	return fmt.Sprintf("status %d", int32(s))
}

// Error says why a call failed. errors.Is finds context.Canceled and context.DeadlineExceeded in the errors that these caused.
type Error struct {
	Status    Status
	Exception string // The ECS exception that the API would answer with, such as "InvalidParameterException", or "".
	Source    string // The text in which the offending piece stands, such as "placementConstraints[0].expression", or "".
	Offset    int    // Of the offending piece in that text, in bytes; -1 where the error has no place.
	Length    int    // Of the offending piece, in bytes.
	Message   string // One line that names the piece, its position and the mend.
}

func (e *Error) Error() string { return "berth: " + e.Message }

func (e *Error) Is(target error) bool {
	return e.Status == Cancelled && target == context.Canceled || e.Status == DeadlineExceeded && target == context.DeadlineExceeded
}

// ErrClosed is the error of calls on a value after its Close.
var ErrClosed = errors.New("berth: used after Close")

// invalid is the error of arguments that this package refuses itself.
func invalid(format string, arguments ...any) error {
	return &Error{Status: InvalidArgument, Offset: -1, Message: fmt.Sprintf(format, arguments...)}
}

// takeError reads the error object of a call and frees it; nil for OK.
func takeError(status C.berth_status, object *C.berth_error) error {
	if status == C.BERTH_OK {
		return nil
	}
	defer C.berth_error_free(object)
	text := func(of func(*C.berth_error, *C.size_t) *C.char) string {
		var length C.size_t
		return C.GoStringN(of(object, &length), C.int(length))
	}
	result := &Error{Status: Status(status), Offset: -1}
	result.Message = text(func(e *C.berth_error, n *C.size_t) *C.char { return C.berth_error_message(e, n) })
	result.Exception = text(func(e *C.berth_error, n *C.size_t) *C.char { return C.berth_error_exception(e, n) })
	result.Source = text(func(e *C.berth_error, n *C.size_t) *C.char { return C.berth_error_source(e, n) })
	var offset, length C.uint32_t
	if C.berth_error_place(object, &offset, &length) != 0 {
		result.Offset, result.Length = int(offset), int(length)
	}
	if result.Message == "" {
		result.Message = result.Status.String()
	}
	return result
}

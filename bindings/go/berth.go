// Package berth places tasks on Amazon ECS container instances: exactly, repeatably, and with a reason where one finds no place.
//
// There are two ways in. Documents have the API's shapes, with the field names of the AWS SDK for Go v2: [Snapshot.RunTask] decides on an
// immutable inventory and answers with the inventory after it; [Cluster.RunTask] places on a live one. Rows are for speed: a request is
// made ready once ([Cluster.Prepare]) and then placed by [Cluster.Place], a batch to a call, without an allocation.
//
// # Concurrency
//
// Every method may be called from any number of goroutines, but for those of a [Fork], which take turns. A call blocks the
// thread that it runs on: bound the number of goroutines that are inside at once, or they become as many threads. What can be done in
// parallel is done inside the library. A cluster lets 64 calls in at a time.
//
// # Lifetimes
//
// [Engine], [Snapshot], [Cluster] and [Fork] hold memory that the garbage collector does not see: call Close. It may be
// called more than once and while other calls run; what a running call uses is freed when it ends. A value that was not closed is
// freed some time after it became unreachable.
//
// # Errors
//
// Every error that the library gave is an [*Error]. A task that found no place is not an error.
package berth

// #cgo pkg-config: berth
// #include "crossing.h"
import "C"

import (
	"encoding/json"
	"fmt"
	"sync"
	"unsafe"
)

var versionOnce struct {
	sync.Once
	err error
}

// checkVersion refuses a library of another major version than the header that this package was compiled with.
func checkVersion() error {
	versionOnce.Do(func() {
		if major := uint32(C.berth_version()) >> 16; major != C.BERTH_VERSION_MAJOR {
			versionOnce.err = &Error{Status: Unsupported, Message: fmt.Sprintf(
				"libberth is version %s, and this program was compiled for %d: link it with libberth.so.%d", Version(),
				int(C.BERTH_VERSION_MAJOR), int(C.BERTH_VERSION_MAJOR))}
		}
	})
	return versionOnce.err
}

// Version is the version of the library that runs, such as "1.0.0".
func Version() string { return C.GoString(C.berth_version_string()) }

// BuildInfo tells in one line how the library was built.
func BuildInfo() string { return C.GoString(C.berth_build_info()) }

// chars gives the address of text that C borrows for a call; nil where there is none.
func chars(text []byte) *C.char {
	if len(text) == 0 {
		return nil
	}
	return (*C.char)(unsafe.Pointer(&text[0]))
}

// readDocument hands the text of a document to read, which may not keep it, and frees the document.
func readDocument(document *C.berth_document, read func(text []byte) error) error {
	defer C.berth_document_free(document)
	var length C.size_t
	text := C.berth_document_text(document, &length)
	return read(unsafe.Slice((*byte)(unsafe.Pointer(text)), int(length)))
}

// copyDocument gives the text of a document, and frees the document.
func copyDocument(document *C.berth_document) (text []byte) {
	_ = readDocument(document, func(borrowed []byte) error {
		text = append(text, borrowed...)
		return nil
	})
	return text
}

// decodeDocument reads a document of JSON into a value, and frees the document.
func decodeDocument(document *C.berth_document, value any) error {
	return readDocument(document, func(text []byte) error { return json.Unmarshal(text, value) })
}

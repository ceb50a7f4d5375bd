package berth

// #include "crossing.h"
import "C"

import "fmt"

// Document is one text of an import: what describe-container-instances, describe-tasks and their like print.
type Document struct {
	Name string // For errors, such as a file's name.
	Text []byte
}

// DocumentOf makes a document of a value, such as an output of the AWS SDK for Go v2.
func DocumentOf(name string, value any) (Document, error) {
	text, err := Marshal(value)
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", name, err)
	}
	return Document{name, text}, nil
}

// ImportOptions are the choices of [Engine.ImportWith]; the zero value takes everything.
type ImportOptions struct {
	Cluster   string   // A name or an ARN: only what is of this cluster.
	Resources []string // Own resources to keep.
	Format    string   // "openb": node lists of Alibaba's openb cluster as CSV.
}

// ImportReport says what an import took and left out.
type ImportReport struct {
	Instances            int
	Tasks                int
	StoppedTasksLeftOut  int
	FargateTasksLeftOut  int
	TasksWithoutInstance int
	Duplicates           int
	OtherClusters        int
	Clusters             []string
	DroppedFields        map[string]int // Members that were present and are not kept.
	Warnings             []string
}

// ImportWith makes a snapshot of documents, in any order.
func (e *Engine) ImportWith(options ImportOptions, documents ...Document) (*Snapshot, *ImportReport, error) {
	if len(documents) == 0 {
		return nil, nil, invalid("documents: none given; an import takes at least one")
	}
	text, err := Marshal(options)
	if err != nil {
		return nil, nil, err
	}
	var blob []byte
	inputs := make([]C.berth_input, len(documents))
	for i, document := range documents {
		inputs[i].name_offset, inputs[i].name_length = C.uint64_t(len(blob)), C.uint64_t(len(document.Name))
		blob = append(blob, document.Name...)
		inputs[i].text_offset, inputs[i].text_length = C.uint64_t(len(blob)), C.uint64_t(len(document.Text))
		blob = append(blob, document.Text...)
	}
	var document *C.berth_document
	snapshot, err := e.make(func(engine *C.berth_engine, snapshot **C.berth_snapshot, object **C.berth_error) C.berth_status {
		return C.berth_snapshot_import(engine, &inputs[0], C.uint32_t(len(inputs)), chars(blob), C.size_t(len(blob)), chars(text),
			C.size_t(len(text)), snapshot, &document, object)
	})
	if err != nil {
		return nil, nil, err
	}
	var report ImportReport
	if err := decodeDocument(document, &report); err != nil {
		snapshot.Close()
		return nil, nil, err
	}
	return snapshot, &report, nil
}

// Import makes a snapshot of documents, in any order, on the shared engine.
func Import(documents ...Document) (*Snapshot, error) {
	return onShared(func(e *Engine) (*Snapshot, error) {
		snapshot, _, err := e.ImportWith(ImportOptions{}, documents...)
		return snapshot, err
	})
}

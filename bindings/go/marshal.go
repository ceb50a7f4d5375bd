package berth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Marshal writes a value as the API's JSON, which names members with a small first letter and leaves out what is not set. It takes the
// types of this package and those of the AWS SDK for Go v2, neither of which encoding/json would write like that.
func Marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	if err := writeValue(&out, reflect.ValueOf(value)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

var (
	timeType      = reflect.TypeOf(time.Time{})
	marshalerType = reflect.TypeOf((*json.Marshaler)(nil)).Elem()
)

func writeValue(out *bytes.Buffer, value reflect.Value) error {
	for value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		if value.IsNil() {
			break
		}
		if value.Type() != timeType && value.Type().Implements(marshalerType) {
			return writeJSON(out, value)
		}
		value = value.Elem()
	}
	switch {
	case !value.IsValid(), value.Kind() == reflect.Pointer, value.Kind() == reflect.Interface:
		out.WriteString("null")
		return nil
	case value.Type() == timeType:
		moment := value.Interface().(time.Time)
		out.WriteString(strconv.FormatFloat(float64(moment.UnixMilli())/1000, 'f', -1, 64))
		return nil
	case value.Type().Implements(marshalerType):
		return writeJSON(out, value)
	}
	switch value.Kind() {
	case reflect.Struct:
		return writeStruct(out, value)
	case reflect.Map:
		return writeMap(out, value)
	case reflect.Slice, reflect.Array:
		// Bytes are what a file held: a text in JSON.
		if value.Type().Elem().Kind() == reflect.Uint8 {
			if !json.Valid(value.Bytes()) {
				return invalid("bytes that are no JSON: %.40q", value.Bytes())
			}
			out.Write(value.Bytes())
			return nil
		}
		out.WriteByte('[')
		for i := 0; i < value.Len(); i++ {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeValue(out, value.Index(i)); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	default:
		return writeJSON(out, value)
	}
}

func writeJSON(out *bytes.Buffer, value reflect.Value) error {
	text, err := json.Marshal(value.Interface())
	if err != nil {
		return invalid("cannot be written as JSON: %v", err)
	}
	out.Write(text)
	return nil
}

// isUnset tells what the SDK's structs hold where nothing was said. Numbers and booleans that are not pointers count even when zero.
func isUnset(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		return value.IsNil()
	case reflect.Slice, reflect.Map, reflect.String:
		return value.Len() == 0
	default:
		return false
	}
}

func writeStruct(out *bytes.Buffer, value reflect.Value) error {
	out.WriteByte('{')
	isFirst := true
	for i := 0; i < value.NumField(); i++ {
		field := value.Type().Field(i)
		// ResultMetadata is what the SDK adds to an answer.
		if !field.IsExported() || field.Name == "ResultMetadata" || isUnset(value.Field(i)) {
			continue
		}
		if !isFirst {
			out.WriteByte(',')
		}
		isFirst = false
		first, size := utf8.DecodeRuneInString(field.Name)
		fmt.Fprintf(out, "\"%c%s\":", unicode.ToLower(first), field.Name[size:])
		if err := writeValue(out, value.Field(i)); err != nil {
			return fmt.Errorf("%s: %w", field.Name, err)
		}
	}
	out.WriteByte('}')
	return nil
}

func writeMap(out *bytes.Buffer, value reflect.Value) error {
	if value.Type().Key().Kind() != reflect.String {
		return invalid("a map with keys of type %s: JSON has texts alone", value.Type().Key())
	}
	keys := value.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
	out.WriteByte('{')
	for i, key := range keys {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := json.Marshal(key.String())
		if err != nil {
			return err
		}
		out.Write(name)
		out.WriteByte(':')
		if err := writeValue(out, value.MapIndex(key)); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	out.WriteByte('}')
	return nil
}

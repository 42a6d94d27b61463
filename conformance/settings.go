// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/pem"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// EnvPrefix begins the names of the variables that configure a run.
const EnvPrefix = "SNODO_CONF_"

// Name is one setting, as a file, a flag and a variable give it.
type Name struct {
	Path string // as in the file, with dots
	Env  string
	Flag string
	List bool // of texts with commas between them
	YAML bool // an object, or a list of them: given as in the file
	Bool bool
}

// Names lists the settings. Each can be given by a flag, a variable or the file.
func Names() []Name {
	var out []Name
	walk(reflect.ValueOf(&Config{}).Elem(), "", func(path string, v reflect.Value) {
		flat := strings.NewReplacer(".", "_").Replace(path)
		out = append(out, Name{
			Path: path, Env: EnvPrefix + strings.ToUpper(flat), Flag: strings.NewReplacer(".", "-", "_", "-").Replace(path),
			List: texts(v), YAML: !texts(v) && (v.Kind() == reflect.Slice || v.Kind() == reflect.Map), Bool: v.Kind() == reflect.Bool,
		})
	})
	return out
}

// texts tells a list of texts.
func texts(v reflect.Value) bool {
	return v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String
}

// walk visits the settings.
func walk(v reflect.Value, prefix string, visit func(path string, v reflect.Value)) {
	for i, tag := range tags(v.Type()) {
		switch {
		case tag == "":
		case v.Field(i).Kind() == reflect.Struct:
			walk(v.Field(i), prefix+tag+".", visit)
		default:
			visit(prefix+tag, v.Field(i))
		}
	}
}

// Load puts a configuration together: flags over environment over file. file is the text
// of a YAML document, nil for none, and name what its faults are told under; flags holds
// the values given, by Name.Flag. The error is a *Misuse that lists everything wrong.
func Load(name string, file []byte, getenv func(string) string, flags map[string]string) (Config, error) {
	var c Config
	m := &Misuse{}
	if len(file) > 0 {
		readSettings(name, string(file), reflect.ValueOf(&c).Elem(), m)
	}
	names := map[string]Name{}
	for _, n := range Names() {
		names[n.Path] = n
	}
	walk(reflect.ValueOf(&c).Elem(), "", func(path string, v reflect.Value) {
		n := names[path]
		value, from := getenv(n.Env), n.Env
		if given, ok := flags[n.Flag]; ok {
			value, from = given, "--"+n.Flag
		}
		if value == "" {
			return
		}
		if n.YAML {
			v.SetZero()
			readSettings(from, asList(v, value), v, m)
			return
		}
		if err := set(v, value); err != nil {
			m.add("%s %q: serve %s", "%s %q: needs %s", from, value, form(v))
		}
	})
	if len(m.Faults) > 0 {
		return c, m
	}
	return c, nil
}

// asList puts one element that is given alone into a list.
func asList(v reflect.Value, value string) string {
	if v.Kind() != reflect.Slice || strings.HasPrefix(strings.TrimSpace(value), "[") || strings.HasPrefix(strings.TrimSpace(value), "-") {
		return value
	}
	return "[" + value + "]"
}

// set reads a text into a setting. Lists are separated by commas.
func set(v reflect.Value, value string) error {
	switch v.Interface().(type) {
	case time.Duration:
		d, err := time.ParseDuration(value)
		v.SetInt(int64(d))
		return err
	case bool:
		b, err := strconv.ParseBool(value)
		v.SetBool(b)
		return err
	case int:
		n, err := strconv.Atoi(value)
		v.SetInt(int64(n))
		return err
	}
	if v.Kind() != reflect.Slice {
		v.SetString(value)
		return nil
	}
	list := reflect.MakeSlice(v.Type(), 0, 0)
	for one := range strings.SplitSeq(value, ",") {
		item := reflect.New(v.Type().Elem()).Elem()
		item.SetString(strings.TrimSpace(one))
		list = reflect.Append(list, item)
	}
	v.Set(list)
	return nil
}

// settings writes the configuration down for the report. Nothing of it is secret but
// what a trigger sends: keys are names of files.
func (c Config) settings() []Setting {
	var out []Setting
	walk(reflect.ValueOf(&c).Elem(), "", func(path string, v reflect.Value) {
		if v.IsZero() || path == "operations" {
			return
		}
		value := fmt.Sprint(v.Interface())
		if strings.HasPrefix(path, "trigger.") && path != "trigger.method" && path != "trigger.timeout" {
			value = "‹…›"
		}
		if slices.Contains([]string{"target", "platform.token_url", "platform.url", "network.proxy"}, path) {
			value = addressOnly(value)
		}
		out = append(out, Setting{Name: path, Value: clean(value)})
	})
	for i, op := range c.Operations {
		out = append(out, Setting{Name: fmt.Sprintf("operations[%d]", i), Value: op.Method + " " + addressOnly(op.Path)})
	}
	return out
}

func pemCertificate(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// patternTexts are patterns as texts.
func patternTexts(list []modi.Pattern) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = string(p)
	}
	return out
}

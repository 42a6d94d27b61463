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

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/modi"
)

// EnvPrefix begins the names of the variables that configure a run.
const EnvPrefix = "SNODO_CONF_"

// Name is one setting that is a text, a number, a truth, a duration or a list of texts,
// and so can be given by a flag or a variable.
type Name struct {
	Path string // as in the file, with dots
	Env  string
	Flag string
	List bool
	Bool bool
}

// Names lists the settings that flags and variables can give. Operations and the trigger's
// fields of maps are for the file.
func Names() []Name {
	var out []Name
	walk(reflect.ValueOf(&Config{}).Elem(), "", func(path string, v reflect.Value) {
		flat := strings.NewReplacer(".", "_").Replace(path)
		out = append(out, Name{
			Path: path, Env: EnvPrefix + strings.ToUpper(flat), Flag: strings.NewReplacer(".", "-", "_", "-").Replace(path),
			List: v.Kind() == reflect.Slice, Bool: v.Kind() == reflect.Bool,
		})
	})
	return out
}

// walk visits the settings that a text can give.
func walk(v reflect.Value, prefix string, visit func(path string, v reflect.Value)) {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if tag == "-" || tag == "" {
			continue
		}
		field := v.Field(i)
		switch field.Kind() {
		case reflect.Struct:
			walk(field, prefix+tag+".", visit)
		case reflect.String, reflect.Bool, reflect.Int, reflect.Int64:
			visit(prefix+tag, field)
		case reflect.Slice:
			if field.Type().Elem().Kind() == reflect.String {
				visit(prefix+tag, field)
			}
		default:
		}
	}
}

// Load puts a configuration together: flags over environment over file. file is the text
// of a YAML document, nil for none; flags holds the values given, by Name.Flag. The error
// is a *Misuse that lists everything wrong.
func Load(file []byte, getenv func(string) string, flags map[string]string) (Config, error) {
	var c Config
	m := &Misuse{}
	if len(file) > 0 {
		if err := yaml.UnmarshalWithOptions(file, &c, yaml.Strict()); err != nil {
			m.add("file di configurazione: %s", "configuration file: %s", yaml.FormatError(err, false, false))
			return c, m
		}
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
		if err := set(v, value); err != nil {
			m.add("%s: %q non è del tipo giusto", "%s: %q is not of the right type", from, value)
		}
	})
	if len(m.Faults) > 0 {
		return c, m
	}
	return c, nil
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
		if v.IsZero() {
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

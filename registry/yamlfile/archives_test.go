// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package yamlfile_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// TestFaultsOfArchives compares all the faults of each file of testdata, with their lines,
// in both languages. Each archive holds x.yaml, want.en and want.it.
func TestFaultsOfArchives(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil || len(a.Files) != 3 {
				t.Fatalf("%d files, %v", len(a.Files), err)
			}
			var faults yamlfile.Faults
			if err := decode(a.Files[0].Name, a.Files[0].Data, &sample{}); !errors.As(err, &faults) {
				t.Fatalf("error is %v, want Faults", err)
			}
			for i, lang := range []string{"en", "it"} {
				want := a.Files[i+1]
				if want.Name != "want."+lang {
					t.Fatalf("file %d is %s", i+1, want.Name)
				}
				if diff := cmp.Diff(string(want.Data), faults.In(lang)+"\n"); diff != "" {
					t.Errorf("%s (-want +got):\n%s", want.Name, diff)
				}
			}
		})
	}
}

// TestReadsFilesOfEveryEditor: a byte order mark, the line ends of Windows and none at the
// end of the file change nothing, and lines are counted alike.
func TestReadsFilesOfEveryEditor(t *testing.T) {
	for name, text := range map[string]string{
		"plain":                     "text: perché\nword: b\n",
		"byte order mark":           "\ufefftext: perché\nword: b\n",
		"Windows":                   "text: perché\r\nword: b\r\n",
		"Windows, byte order mark":  "\ufefftext: perché\r\nword: b\r\n",
		"no end of line at the end": "text: perché\nword: b",
		"spaces after values":       "text: perché  \nword:   b   \n",
		"comments":                  "# x\ntext: perché # x\n\nword: b # x\n# x",
		"quotes of both kinds":      "\"text\": \"perch\\u00e9\"\n'word': 'b'\n",
		"one flow group":            "{text: perché, word: b}\n",
	} {
		var got sample
		if err := decode("x.yaml", []byte(text), &got); err != nil || got.Text != "perché" || got.Word != "b" {
			t.Errorf("%s: %q, %q, %v", name, got.Text, got.Word, err)
		}
		err := decode("x.yaml", []byte(strings.Replace(text, "b", "[]", 1)), &sample{})
		line := "x.yaml:2: "
		switch name {
		case "one flow group":
			line = "x.yaml:1: "
		case "comments":
			line = "x.yaml:4: "
		case "quotes of both kinds":
			continue // the list is then a text
		}
		if err == nil || !strings.HasPrefix(err.Error(), line) {
			t.Errorf("%s: the fault is not at %s: %v", name, line, err)
		}
	}
}

// TestRefusesWhatIsNoText: a file of another encoding, at the line of its first such byte.
func TestRefusesWhatIsNoText(t *testing.T) {
	for name, text := range map[string]string{
		"Windows-1252":  "text: a\nword: perch\xe9\n",
		"cut character": "text: a\nword: perch\xc3",
		"surrogate":     "text: a\nword: \xed\xa0\x80\n",
		"NUL":           "text: a\nword: b\x00c\n",
		"overlong":      "text: a\nword: \xc0\xaf\n",
	} {
		err := decode("x.yaml", []byte(text), &sample{})
		if err == nil || err.Error() != "x.yaml:2: the file is not UTF-8 text: save it in this encoding" {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	if err := decode("x.yaml", []byte("\xff\xfet\x00e\x00"), &sample{}); err == nil || !strings.HasPrefix(err.Error(), "x.yaml:1: the file is not UTF-8") {
		t.Errorf("UTF-16: error is %v", err)
	}
}

// TestAnEmptyItemIsAnEmptyGroup: never a nil pointer for whoever checks the list.
func TestAnEmptyItemIsAnEmptyGroup(t *testing.T) {
	type groups struct {
		List []*inner          `yaml:"list"`
		Map  map[string]*inner `yaml:"map"`
		Ptr  *inner            `yaml:"ptr"`
	}
	var got groups
	if err := decode("x.yaml", []byte("list:\n  -\n  - {name: a}\n  - ~\nmap:\n  one:\n  two: null\nptr:\n"), &got); err != nil {
		t.Fatal(err)
	}
	want := groups{List: []*inner{{}, {Name: "a"}, {}}, Map: map[string]*inner{"one": {}, "two": {}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("value (-want +got):\n%s", diff)
	}
}

// TestSizeIsBoundedBeforeParsing at the very byte.
func TestSizeIsBoundedBeforeParsing(t *testing.T) {
	fill := func(size int) []byte {
		return []byte("text: a\n#" + strings.Repeat("x", size-len("text: a\n#")))
	}
	if err := decode("x.yaml", fill(yamlfile.MaxSize), &sample{}); err != nil {
		t.Errorf("the largest file: %v", err)
	}
	err := decode("x.yaml", fill(yamlfile.MaxSize+1), &sample{})
	if err == nil || err.Error() != "x.yaml: the file is larger than 1048576 bytes" {
		t.Errorf("one byte more: %v", err)
	}
}

// TestDocumentsAreReadAtOnce: one document serves many callers.
func TestDocumentsAreReadAtOnce(t *testing.T) {
	doc, err := yamlfile.Parse("x.yaml", []byte("text: a\nnamed: {one: {name: b}}\nlist: [c]\n"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for range 8 {
		go func() {
			var got sample
			err := doc.Into(&got).Err()
			if err == nil && (got.Named["one"].Name != "b" || doc.Text("list", 0) != "c" || doc.Line("named", "one") != 2) {
				err = errors.New("another value")
			}
			got.List[0] = "changed" // each caller has its own
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

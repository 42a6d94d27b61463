// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package folder

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/scaffold"
	"github.com/snodo-pa/snodo/internal/bilingual"
)

// markFile is what Write leaves in a folder so that it can be written again.
const markFile = "simulazioni.json"

// Mark is what a folder remembers of the mocks that it was written for.
type Mark struct {
	Note       string            `json:"nota"`
	RecipesDir string            `json:"registri,omitempty"`
	Asked      map[string]string `json:"chiesti"`   // addresses of the hub as they were asked for
	Addresses  map[string]string `json:"indirizzi"` // of the hub and of the mocks, by name
	Files      map[string]string `json:"file"`      // digest of what was written, by path below the folder
}

// ErrTaken means a folder that is not empty and that Write has not written.
var ErrTaken = bilingual.New("non è vuota e non l'ha scritta «snodo mock»: nulla è stato scritto", "it is not empty and `snodo mock` has not written it: nothing was written")

// ReadMark reads what a folder remembers; nil when it is absent or empty. The error wraps ErrTaken when somebody else's files
// are in it.
func ReadMark(dir string) (*Mark, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil, nil //nolint:nilnil // no folder, no mark
	}
	if err != nil {
		return nil, bilingual.Errorf("lettura della cartella: %w", "read folder: %w", err)
	}
	var m Mark
	data, err := os.ReadFile(filepath.Join(dir, markFile)) //nolint:gosec // the folder is the user's own argument
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil || m.Files == nil {
		return nil, bilingual.Errorf("la cartella %s: %w", "folder %s: %w", dir, ErrTaken)
	}
	return &m, nil
}

// files writes what a folder is made of, over what it wrote before: a file that somebody has changed since stays theirs.
type files struct {
	dir    string
	before *Mark
	now    Mark
	kept   []string
}

func newFiles(dir string, w World, before *Mark) *files {
	f := &files{dir: dir, before: before, now: Mark{
		Note:       "Scritto da «snodo mock»: con questo file la cartella si riprende. Cancellarla per ricominciare.",
		RecipesDir: w.RecipesDir, Asked: w.Asked, Addresses: w.Addresses, Files: map[string]string{},
	}}
	return f
}

// put writes one file. One that was changed is kept, with the addresses of the mocks as they are now and, in exposes.yaml,
// with the e-services that it lacks.
func (f *files) put(target string, data []byte) error {
	f.now.Files[target] = digest(data)
	if f.before == nil {
		return write(f.dir, target, data)
	}
	current, err := os.ReadFile(filepath.Join(f.dir, target)) //nolint:gosec // the folder is the user's own argument
	if errors.Is(err, fs.ErrNotExist) || err == nil && digest(current) == f.before.Files[target] {
		return write(f.dir, target, data)
	}
	if err != nil {
		return bilingual.Errorf("lettura di %s: %w", "read %s: %w", target, err)
	}
	f.now.Files[target] = f.before.Files[target]
	f.kept = append(f.kept, target)
	text := f.moved(current)
	if filepath.Base(target) == "exposes.yaml" {
		text = f.lacking(target, text, data)
	}
	if bytes.Equal(text, current) {
		return nil
	}
	return write(f.dir, target, text)
}

var addressForm = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// moved writes the addresses of now in the place of those of before.
func (f *files) moved(text []byte) []byte {
	now := map[string]string{}
	for name, address := range f.before.Addresses {
		if next := f.now.Addresses[name]; next != "" {
			now[address] = next
		}
	}
	return addressForm.ReplaceAllFunc(text, func(address []byte) []byte {
		if next, known := now[string(address)]; known {
			return []byte(next)
		}
		return address
	})
}

var itemForm = regexp.MustCompile(`(?m)^- recipe: (\S+)$`)

// lacking appends the items of an exposes.yaml for recipes that the changed one does not bind; one that cannot be read is
// left as it is.
func (f *files) lacking(target string, text, data []byte) []byte {
	places := itemForm.FindAllSubmatchIndex(data, -1)
	for i, at := range places {
		end := len(data)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		if next, bound, err := scaffold.AppendItem(target, text, data[at[0]:end], string(data[at[2]:at[3]])); err == nil && !bound {
			text = next
		}
	}
	return text
}

// close leaves the mark.
func (f *files) close() error {
	data, err := json.MarshalIndent(f.now, "", "  ")
	if err != nil {
		return err
	}
	return write(f.dir, markFile, append(data, '\n'))
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// there tells whether a file of the folder is there.
func (f *files) there(target string) bool {
	_, err := os.Stat(filepath.Join(f.dir, target))
	return err == nil
}

// publicOf is the public half of a private key that was written before, in PEM.
func (f *files) publicOf(target string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(f.dir, target)) //nolint:gosec // the folder is the user's own argument
	if err != nil {
		return nil, bilingual.Errorf("lettura di %s: %w", "read %s: %w", target, err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, bilingual.Errorf("%s non è una chiave in PEM", "%s is no key in PEM", target)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return nil, bilingual.Errorf("%s non è una chiave privata", "%s is no private key", target)
	}
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return nil, bilingual.Errorf("%s: %w", "%s: %w", target, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// keptFiles are the changed files that were left to whoever changed them.
func (f *files) keptFiles() []string {
	slices.Sort(f.kept)
	return slices.DeleteFunc(f.kept, func(name string) bool { return strings.HasSuffix(name, ".pem") })
}

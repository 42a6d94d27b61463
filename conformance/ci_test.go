// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/modi"
)

const ciFolder = "../docs/conformance/ci"

// ciStep is one command of a published example, with the variables that it is given.
type ciStep struct {
	shell  string
	env    map[string]string
	always bool // it runs after a failure as well
}

// readCI reads a published example.
func readCI(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(ciFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// githubSteps are the commands of the GitHub example, and the folder that it keeps.
func githubSteps(t *testing.T) (steps []ciStep, kept string) {
	t.Helper()
	var file struct {
		On          any               `yaml:"on"`
		Permissions map[string]string `yaml:"permissions"`
		Jobs        map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []struct {
				Uses, Run, If string
				With, Env     map[string]string
			}
		}
	}
	readCI(t, "github-actions.yml", &file)
	job := file.Jobs["conformita"]
	if file.On == nil || job.RunsOn == "" || file.Permissions["contents"] != "read" {
		t.Errorf("%+v", file)
	}
	for _, s := range job.Steps {
		switch {
		case (s.Uses == "") == (s.Run == ""):
			t.Errorf("a step either uses or runs something: %+v", s)
		case strings.HasPrefix(s.Uses, "actions/upload-artifact@"):
			if kept = s.With["path"]; s.If != "always()" {
				t.Error("the report of a run that fails is not kept")
			}
		case s.Run != "":
			steps = append(steps, ciStep{s.Run, s.Env, s.If == "always()"})
		}
	}
	return steps, kept
}

// gitlabSteps are the commands of the GitLab example, and the file of results that it reads.
func gitlabSteps(t *testing.T) (steps []ciStep, kept, junit string) {
	t.Helper()
	var file map[string]struct {
		Image     string
		Script    []string
		Variables map[string]string
		Artifacts struct {
			When    string
			Paths   []string
			Reports struct{ Junit string }
		}
	}
	readCI(t, "gitlab-ci.yml", &file)
	job := file["conformita"]
	if job.Image == "" || job.Artifacts.When != "always" || len(job.Artifacts.Paths) != 1 {
		t.Fatalf("%+v", job)
	}
	for _, line := range job.Script {
		steps = append(steps, ciStep{shell: line, env: job.Variables})
	}
	return steps, job.Artifacts.Paths[0], job.Artifacts.Reports.Junit
}

// containerfile is the recipe, an instruction for each element.
func containerfile(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(ciFolder, "Containerfile"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(string(data), "\n"), func(line string) bool { return line == "" || strings.HasPrefix(line, "#") })
}

// buildAsInTheRecipe runs the command of the recipe that builds, and returns the folder
// with the program.
func buildAsInTheRecipe(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	i := slices.IndexFunc(containerfile(t), func(line string) bool { return strings.HasPrefix(line, "RUN ") })
	if i < 0 {
		t.Fatal("the recipe builds nothing")
	}
	line, _ := strings.CutPrefix(containerfile(t)[i], "RUN ")
	line = strings.Replace(line, "-o /snodo ", "-o "+filepath.Join(dir, "snodo")+" ", 1)
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", line)
	cmd.Dir, cmd.Env = "..", append(os.Environ(), "GOFLAGS=-buildvcs=false") // as the static build of CI: its packages are compiled already
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return dir
}

// TestTheContainerRecipeBuildsWhatItStarts: what one stage writes the other copies, starts,
// and may write the reports with.
func TestTheContainerRecipeBuildsWhatItStarts(t *testing.T) {
	t.Parallel()
	recipe := strings.Join(containerfile(t), "\n")
	for _, want := range []string{
		"AS build", "COPY . .", "-o /snodo ./cmd/snodo", "FROM scratch", "COPY --from=build /snodo /snodo", `ENTRYPOINT ["/snodo", "conformance"]`,
		"COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/", "WORKDIR /prova",
	} {
		if !strings.Contains(recipe, want) {
			t.Errorf("%s is not there:\n%s", want, recipe)
		}
	}
	if _, err := os.Stat("../cmd/snodo/main.go"); err != nil {
		t.Error(err)
	}
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	for _, name := range []string{"Containerfile", "gitlab-ci.yml"} {
		data, err := os.ReadFile(filepath.Join(ciFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		if version == nil || !strings.Contains(string(data), "golang:"+string(version[1])) {
			t.Errorf("%s does not build with Go %s", name, version)
		}
	}
}

// freeAddress is an address on which nothing listens, nor will another test: it is on an
// address of its own where the system has one.
func freeAddress(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	for _, host := range []string{"127.77.0.1", "127.0.0.1"} {
		l, err := config.Listen(t.Context(), "tcp", host+":0")
		if err == nil {
			defer func() { _ = l.Close() }()
			return l.Addr().String()
		}
	}
	t.Fatal("no address to listen on")
	return ""
}

// ciFile is the file of a run that the examples name; the suite is PDND, at an address that
// the service under test knows.
func ciFile(listen string) string {
	n := parties()
	return fmt.Sprintf(`
role: erogatore
patterns: [PDND_VOUCHER, INTEGRITY_REST_02]
only: [accept#plain, digest-mismatch#body-changed]
platform: {listen: %q}
parties: {audience: %q, client: %q, purpose: %q, producer: %q, consumer: %q, eservice: %q, descriptor: %q, issuer: %q}
operations:
  - {method: POST, path: /servizio, body: '{"istanza":"PRT-2026-0000123"}', safe: true, idempotent: true}
`, listen, n.Audience, n.Client, n.Purpose, n.Producer, n.Consumer, n.Eservice, n.Descriptor, n.Issuer)
}

// runCI runs the commands of an example as its runner does: the first that fails ends the
// job, but for those that always run. It returns whether the job succeeded.
func runCI(t *testing.T, dir, bin, target string, steps []ciStep) bool {
	t.Helper()
	good := true
	for _, s := range steps {
		if path, install := strings.CutPrefix(s.shell, "go install "); install { // what is built here instead
			if path != "github.com/snodo-pa/snodo/cmd/snodo@latest" {
				t.Errorf("%s installs another program", s.shell)
			}
			continue
		}
		if !good && !s.always {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", s.shell)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + dir, "CONFORMITA_CLIENT_KEY=" + filepath.Join(dir, "gitlab.pem")}
		for name, value := range s.env {
			switch name {
			case "CLIENT_KEY":
				value = string(privatePEM(t, ownKey()))
			case "SNODO_CONF_TARGET":
				value = target
			}
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		switch {
		case errors.As(err, &exit):
			t.Logf("%s: exit %d\n%s", s.shell, exit.ExitCode(), out)
			good = false
		case err != nil:
			t.Fatal(err)
		}
	}
	return good
}

// TestThePublishedExamplesRun: the commands of the examples for CI, against a service that
// keeps the rules and one that accepts everything.
func TestThePublishedExamplesRun(t *testing.T) {
	t.Parallel()
	bin := buildAsInTheRecipe(t)
	listen := freeAddress(t)
	github, kept := githubSteps(t)
	gitlab, keptThere, junit := gitlabSteps(t)
	ca, _, err := theKeys().Authority("root")
	if err != nil {
		t.Fatal(err)
	}
	s := &Suite{config: Config{Parties: parties()}}
	what := terms(t, s, modi.PatternVoucher, modi.PatternIntegrityREST02)
	what.Suite, what.CA = "http://"+listen, pemCertificate(ca.Raw)
	sound, believing := serve(t, what), answering(t, 200, nil, "{}")
	for name, steps := range map[string][]ciStep{kept + " of GitHub": github, keptThere + " of GitLab": gitlab} {
		for target, want := range map[string]bool{sound: true, believing: false} {
			dir := t.TempDir()
			for file, data := range map[string][]byte{"conformita.yaml": []byte(ciFile(listen)), "gitlab.pem": privatePEM(t, ownKey())} {
				if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := runCI(t, dir, bin, target, steps); got != want {
				t.Errorf("%s: the job succeeded: %t, want %t", name, got, want)
			}
			folder, _, _ := strings.Cut(name, " ")
			for _, file := range []string{folder + "/report.html", folder + "/report.json", junit} {
				if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "client.pem")); err == nil {
				t.Errorf("%s: the key is left behind", name)
			}
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// Where the demonstration listens when nobody else does.
const (
	demoApplicazioni = "127.0.0.1:8181"
	demoEsposizione  = "127.0.0.1:8282"
)

type demoOptions struct {
	dir                       string
	once                      bool
	applicazioni, esposizione string
}

func (a *app) demoCommand() *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: a.t("mostra un'acquisizione e un'erogazione vere, contro simulazioni di PDND e ANPR", "show a real acquisition and a real exposed call, against mocks of PDND and ANPR"),
		Long: a.t("Avvia in un solo processo lo Snodo e le simulazioni di PDND, di ANPR e del gestionale delle\n"+
			"istanze, con due enti inventati e chiavi generate al momento. Mostra ciò che fa, i messaggi HTTP\n"+
			"scambiati (i token decodificati, mai interi), le prove conservate e la loro verifica; poi resta\n"+
			"attivo e stampa le righe curl da provare. Con --once finisce: 0 se tutto torna, 1 se no.",
			"Runs the hub and mocks of PDND, of ANPR and of the back end in one process, with two invented\n"+
				"enti and keys made on the spot. Shows what it does, the HTTP messages exchanged (tokens decoded,\n"+
				"never whole), the evidence kept and its verification; then stays up and prints the curl lines to\n"+
				"try. With --once it ends: 0 when everything holds, 1 when not."),
		Example: "  snodo demo\n  snodo demo --once\n  snodo demo --dir snodo-demo",
		Args:    a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.demo(cmd.Context(), o)
			if err != nil && o.once {
				return no(err) // whoever asks for a verdict gets one
			}
			return err
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.once, "once", false, a.t("finire dopo aver mostrato tutto", "end after everything was shown"))
	f.StringVar(&o.dir, "dir", "", a.t("cartella da creare e conservare (se manca: temporanea)", "folder to make and keep (when absent: a temporary one)"))
	f.StringVar(&o.applicazioni, "applicazioni", demoApplicazioni, a.t("indirizzo per le applicazioni; occupato: uno libero", "address for applications; when taken: a free one"))
	f.StringVar(&o.esposizione, "esposizione", demoEsposizione, a.t("indirizzo per le altre amministrazioni; occupato: uno libero", "address for other administrations; when taken: a free one"))
	return cmd
}

// demo runs the demonstration and gives its verdict.
func (a *app) demo(ctx context.Context, o demoOptions) error {
	remove, err := demoFolder(&o)
	if err != nil {
		return err
	}
	defer remove()
	stage, err := a.openStage(ctx, o)
	if err != nil {
		return err
	}
	errPlay := stage.play(ctx)
	if errPlay == nil && !o.once {
		errPlay = stage.stay(ctx)
	}
	errClose := stage.close()
	switch {
	case errPlay != nil:
		return errPlay
	case errClose != nil:
		return errClose
	}
	if !o.once {
		stage.w.Say(terminal.Note, a.t("fermato", "stopped"))
	}
	return stage.verdict()
}

// demoFolder makes a temporary folder when none was named; what it returns removes it.
func demoFolder(o *demoOptions) (func(), error) {
	if o.dir != "" {
		absolute, err := filepath.Abs(o.dir)
		o.dir = absolute
		return func() {}, err
	}
	temporary, err := os.MkdirTemp("", "snodo-demo-")
	if err != nil {
		return nil, bilingual.Errorf("cartella temporanea: %w", "temporary folder: %w", err)
	}
	o.dir = filepath.Join(temporary, "demo")
	return func() { _ = os.RemoveAll(temporary) }, nil
}

// stage is a running demonstration: the world, the hub, and what was shown so far.
type stage struct {
	*app
	w       *terminal.Writer // nil with --output json
	world   *world
	running *running
	manage  *management.Client
	client  *acquire.Client
	key     string // of the application
	logs    *os.File
	checks  []check
}

// check is one thing the demonstration promised and whether it held.
type check struct {
	Text string `json:"text"`
	OK   bool   `json:"ok"`
}

// openStage starts the mocks and the hub, and makes the key of the application. The
// caller closes the stage.
func (a *app) openStage(ctx context.Context, o demoOptions) (*stage, error) {
	s := &stage{app: a}
	if a.output == "text" {
		s.w = terminal.For(a.io.out, a.getenv)
	} else {
		s.w = terminal.New(io.Discard, 0, false)
	}
	var err error
	s.world, err = startWorld(ctx, a, worldOptions{
		dir: o.dir, applicazioni: o.applicazioni, esposizione: o.esposizione, socket: "dati/gestione.sock",
	})
	if err != nil {
		return nil, err
	}
	if err := s.openHub(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stage) openHub(ctx context.Context) error {
	loaded, err := config.Load(s.world.dir)
	if err != nil {
		return bilingual.Errorf("configurazione generata: %w", "generated configuration: %w", err)
	}
	s.logs, err = os.OpenFile(filepath.Join(s.world.dir, "dati", "snodo.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return bilingual.Errorf("file di log: %w", "log file: %w", err)
	}
	s.running, err = startHub(ctx, s.app, loaded, s.logs)
	if err != nil {
		return err
	}
	s.manage = management.New(loaded.Path(loaded.Hub.Listeners.Gestione.Socket), s.lang)
	ente := ambiente.BorgoFiorito().CodiceIPA
	var made httpapi.ChiaveNuova
	err = s.manage.Post(ctx, "/v1/chiavi", map[string]string{"ente": ente, "applicazione": folder.Applicazione}, &made)
	if err != nil {
		return bilingual.Errorf("chiave dell'applicazione: %w", "key of the application: %w", err)
	}
	s.key = made.Segreto
	s.client, err = acquire.New("http://"+s.world.applicazioni, s.key, "")
	if err != nil {
		return err
	}
	return s.writeEnvironment()
}

// writeEnvironment leaves a file to source, so that what follows needs no copying. The
// function snodo is this very program: under go run it is on nobody's path.
func (s *stage) writeEnvironment() error {
	program, err := os.Executable()
	if err != nil {
		return bilingual.Errorf("percorso di questo programma: %w", "path of this program: %w", err)
	}
	fingerprint, err := checkpointFingerprint(s.world.written.Checkpoint[ambiente.BorgoFiorito().CodiceIPA])
	if err != nil {
		return err
	}
	text := "export SNODO_URL=http://" + s.world.applicazioni + "\n" +
		"export SNODO_ESPOSIZIONE=http://" + s.world.esposizione + "\n" +
		"export SNODO_CHIAVE=" + s.key + "\n" +
		"export SNODO_CONFIG=" + s.world.dir + "\n" +
		"export SNODO_IMPRONTA=" + fingerprint + "\n" +
		"snodo() { \"" + program + "\" \"$@\"; }\n"
	if err := os.WriteFile(filepath.Join(s.world.dir, "demo.env"), []byte(text), 0o600); err != nil {
		return bilingual.Errorf("file dell'ambiente: %w", "environment file: %w", err)
	}
	return nil
}

func (s *stage) close() error {
	var faults []error
	if s.running != nil {
		faults = append(faults, s.running.stop())
	}
	faults = append(faults, s.world.Close())
	if s.logs != nil {
		faults = append(faults, s.logs.Close())
	}
	return errors.Join(faults...)
}

// play shows the whole script.
func (s *stage) play(ctx context.Context) error {
	s.introduce()
	for _, scene := range []func(context.Context) error{s.acquire, s.expose, s.refuse, s.prove} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	return s.w.Err()
}

// promise records whether something held and says so.
func (s *stage) promise(ok bool, it, en string, args ...any) {
	text := fmt.Sprintf(s.t(it, en), args...)
	s.checks = append(s.checks, check{Text: text, OK: ok})
	mark := terminal.Good
	if !ok {
		mark = terminal.Bad
	}
	s.w.Say(mark, text)
}

// verdict is the outcome of the whole demonstration.
func (s *stage) verdict() error {
	failed := 0
	for _, c := range s.checks {
		if !c.OK {
			failed++
		}
	}
	if s.output == "json" {
		result := struct {
			OK     bool    `json:"ok"`
			Checks []check `json:"checks"`
		}{failed == 0, s.checks}
		if err := s.emit(result, nil); err != nil {
			return err
		}
	}
	if failed > 0 {
		return no(s.errorf("%d controlli su %d non tornano", "%d checks of %d do not hold", failed, len(s.checks)))
	}
	return nil
}

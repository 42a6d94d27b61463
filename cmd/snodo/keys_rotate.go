// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/internal/keys/rotation"
	"github.com/snodo-pa/snodo/internal/keys/rotation/onpdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
)

// rotateOptions choose a key and how long to wait.
type rotateOptions struct {
	ente, setting string
	patience      time.Duration
	toTheEnd, now bool
}

func (a *app) keysRotateCommand() *cobra.Command {
	var o rotateOptions
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: a.t("sostituisce una chiave che PDND conosce, senza interrompere nulla", "replace a key that PDND knows, interrupting nothing"),
		Long: a.t("Genera una chiave, la carica su PDND, aspetta che PDND la riconosca, la mette in uso nello Snodo in esecuzione e,\n"+
			"quando sono scaduti i voucher chiesti con la precedente, toglie quella da PDND. Ripetere il comando finché la\n"+
			"fase è «conclusa»: ogni volta prosegue da dov'era, anche dopo un'interruzione. Serve pdnd-admin.yaml dell'ente.",
			"Makes a key, uploads it to PDND, waits until PDND honours it, puts it in use in the running hub and, once the\n"+
				"vouchers asked for with the former one have expired, takes that one away from PDND. Run the command again\n"+
				"until the phase is «conclusa»: each time it goes on from where it was, also after an interruption.\n"+
				"pdnd-admin.yaml of the ente is needed."),
		Example: "  snodo keys rotate --ente c_bf01 --chiave clients.servizi.key\n  snodo keys rotate --ente c_bf01 --chiave keychains.risposte.key --attendi",
		Args:    a.noArgs,
	}
	socket := a.rotateFlags(cmd, &o)
	cmd.Flags().BoolVar(&o.toTheEnd, "attendi", false, a.t("aspetta il ritiro della chiave precedente (può durare un giorno)", "wait until the former key is retired (it may take a day)"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.rotate(cmd.Context(), socket, o) }
	return cmd
}

func (a *app) keysRevokeCommand() *cobra.Command {
	var o rotateOptions
	cmd := &cobra.Command{
		Use:   "revoke",
		Short: a.t("toglie subito da PDND una chiave compromessa e ne mette un'altra", "take a compromised key away from PDND at once and put another in its place"),
		Long: a.t("Ferma subito le firme con la chiave in uso, la toglie da PDND, carica una chiave nuova e aspetta che sia\n"+
			"riconosciuta: fino ad allora le chiamate che chiedono un voucher falliscono. I voucher già rilasciati valgono fino\n"+
			"alla loro scadenza. Se si interrompe, ripetere il comando: dice che cosa resta da fare. Per una sostituzione\n"+
			"ordinaria c'è snodo keys rotate.",
			"Stops signing with the key in use at once, takes it away from PDND, uploads a new one and waits until that is\n"+
				"honoured: until then calls that ask for a voucher fail. Vouchers already issued are good until they expire. When\n"+
				"it is interrupted, run it again: it says what remains to be done. For an ordinary replacement there is snodo keys\n"+
				"rotate."),
		Example: "  snodo keys revoke --now --ente c_bf01 --chiave clients.servizi.key",
		Args:    a.noArgs,
	}
	socket := a.rotateFlags(cmd, &o)
	cmd.Flags().BoolVar(&o.now, "now", false, a.t("conferma: le chiamate si interrompono finché la chiave nuova non è riconosciuta", "confirm: calls are interrupted until the new key is honoured"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !o.now {
			return a.errorf("keys revoke interrompe le chiamate: confermare con --now, o usare snodo keys rotate", "keys revoke interrupts the calls: confirm with --now, or use snodo keys rotate")
		}
		return a.rotate(cmd.Context(), socket, o)
	}
	return cmd
}

func (a *app) rotateFlags(cmd *cobra.Command, o *rotateOptions) *socketFlags {
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&o.ente, "ente", "", a.t("codice IPA", "IPA code"))
	cmd.Flags().StringVar(&o.setting, "chiave", "", a.t("dove la chiave è in ente.yaml: clients.<nome>.key, clients.<nome>.modiKey, apiClients.<ambiente>.key, keychains.<nome>.key",
		"where the key stands in ente.yaml: clients.<name>.key, clients.<name>.modiKey, apiClients.<environment>.key, keychains.<name>.key"))
	cmd.Flags().DurationVar(&o.patience, "pazienza", 5*time.Minute, a.t("quanto aspettare che PDND riconosca la chiave nuova", "how long to wait until PDND honours the new key"))
	a.require(cmd, "ente", "chiave")
	return socket
}

// rotated is the result of keys rotate and keys revoke.
type rotated struct {
	Ente     string     `json:"ente"`
	Setting  string     `json:"chiave"`
	Phase    string     `json:"fase"`
	OldKID   string     `json:"kidPrecedente"`
	NewKID   string     `json:"kidNuovo"`
	RetireAt *time.Time `json:"ritiroDal,omitempty"`
}

func (a *app) rotate(ctx context.Context, socket *socketFlags, o rotateOptions) error {
	d, err := a.openDeclarant(socket)
	if err != nil {
		return err
	}
	r, err := a.rotationOf(d, o)
	if err != nil {
		return errors.Join(err, d.Close())
	}
	run := r.Rotate
	if o.now {
		run = r.Revoke
	}
	state, err := run(ctx)
	for err == nil && o.toTheEnd && state.Phase == rotation.Switched {
		if err = pause(ctx, state.RetireAt.Sub(a.clock())); err == nil {
			state, err = run(ctx)
		}
	}
	if err = errors.Join(err, d.Close()); err != nil {
		if errors.Is(err, api.ErrRefused) {
			return no(err)
		}
		return answered(err)
	}
	result := rotated{Ente: o.ente, Setting: o.setting, Phase: string(state.Phase), OldKID: state.OldKID, NewKID: state.NewKID}
	if state.Phase == rotation.Switched {
		result.RetireAt = &state.RetireAt
	}
	return a.emit(result, func(w *terminal.Writer) { a.showRotated(w, result) })
}

func (a *app) showRotated(w *terminal.Writer, r rotated) {
	w.Say(terminal.Good, a.t("fase: ", "phase: ")+r.Phase)
	w.Table([][]string{{a.t("kid nuovo", "new kid"), r.NewKID}, {a.t("kid precedente", "former kid"), r.OldKID}})
	if r.RetireAt != nil {
		w.Para(a.t("La chiave precedente resta su PDND finché i suoi voucher sono validi: ripetere il comando dopo ", "The former key stays on PDND while its vouchers are good: run the command again after ") +
			r.RetireAt.UTC().Format(time.RFC3339))
	}
}

func (a *app) rotationOf(d *declarant, o rotateOptions) (*rotation.Rotation, error) {
	subject, err := rotation.Find(d.config, o.ente, o.setting)
	if err != nil {
		return nil, err
	}
	writer, err := d.admin(subject.Ente, subject.Environment)
	if err != nil {
		return nil, err
	}
	platform, err := d.platform(subject.Environment)
	if err != nil {
		return nil, err
	}
	network, err := d.network(subject.Ente)
	if err != nil {
		return nil, err
	}
	operator, workstation := person()
	return rotation.New(rotation.Options{
		Config: d.config, Subject: subject, Platform: onpdnd.New(platform, writer, subject, network), Hub: hubKeys{d.hub}, Journal: hubJournal{d.hub},
		Clock: a.clock, Rand: a.rand, Pause: pause, Patience: o.patience, Operator: operator, Workstation: workstation,
		Report: func(s rotation.State) { a.hint("%s: fase «%s»", "%s: phase «%s»", s.Setting, s.Phase) },
	})
}

// pause waits for d or until ctx ends, and then returns its error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// hubKeys makes the running hub take up new keys.
type hubKeys struct{ hub *management.Client }

// Reload implements rotation.Hub.
func (h hubKeys) Reload(ctx context.Context, ente, setting string) (string, error) {
	var now httpapi.KeyAt
	err := h.hub.Post(ctx, httpapi.PathReloadKeys, httpapi.KeyAt{Ente: ente, Setting: setting}, &now)
	return now.KID, err
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rotation

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// Platform is the client or keychain on PDND whose key is replaced.
type Platform interface {
	// Keys lists the public keys there.
	Keys(ctx context.Context) ([]modi.Key, error)
	// Add uploads one that is not there.
	Add(ctx context.Context, name string, public crypto.PublicKey) error
	// Delete takes one away; one that is gone already is no error.
	Delete(ctx context.Context, kid string) error
	// Live tells whether PDND honours a key. An error is a don't know.
	Live(ctx context.Context, key token.SigningKey) (bool, error)
	// Lifespan is the longest life of a voucher that is asked for with the keys there.
	Lifespan(ctx context.Context) (time.Duration, error)
}

// Hub is the hub that signs with the key while it is replaced.
type Hub interface {
	// Reload makes it open its keys again and tells the kid it now signs with at a setting.
	Reload(ctx context.Context, ente, setting string) (kid string, err error)
}

// Options are the parts of a Rotation. All are mandatory.
type Options struct {
	Config   *config.Config
	Subject  Subject
	Platform Platform
	Hub      Hub
	Journal  acts.Journal
	Clock    func() time.Time
	Rand     io.Reader
	// Pause waits for d or until ctx ends, and then returns its error.
	Pause func(ctx context.Context, d time.Duration) error
	// Operator and Workstation are of the person at the command: they go into the acts.
	Operator, Workstation string
	// Patience is how long PDND may take to honour a new key.
	Patience time.Duration
	// Report is told of each phase that was reached; nil for nobody.
	Report func(State)
}

// Rotation replaces one key. It is not safe for concurrent use, nor for use by two processes
// at the same time: the person at the command sees to that.
type Rotation struct {
	Options

	file  string
	state State
}

// settle is added to the life of the last voucher: replicas of the hub take up the new key
// within ten minutes, the tokens signed with the old one are good for some more, and clocks
// differ.
const settle = 30 * time.Minute

// probeEvery is how often PDND is asked whether it honours a new key: it follows its own
// changes within seconds.
const probeEvery = 2 * time.Second

// Errors of a rotation.
var (
	// ErrNotLive: PDND does not honour the new key yet. In a Rotate nothing was switched.
	ErrNotLive = bilingual.New("PDND non riconosce ancora la chiave nuova", "PDND does not honour the new key yet")
	// ErrNotSwitched: the hub signs with another key than the new one.
	ErrNotSwitched = bilingual.New("lo Snodo firma ancora con un'altra chiave", "the hub still signs with another key")
	// ErrOtherKey: the key in its file is not the one the rotation began with.
	ErrOtherKey = bilingual.New("la chiave nel file non è quella con cui la rotazione è iniziata", "the key in the file is not the one the rotation began with")
)

// New returns a rotation of the key, new or as an earlier run left it.
func New(o Options) (*Rotation, error) {
	if o.Config == nil || o.Platform == nil || o.Hub == nil || o.Journal == nil || o.Clock == nil || o.Rand == nil || o.Pause == nil {
		return nil, errors.New("rotation: a mandatory option is missing")
	}
	file, err := o.Subject.file(o.Config)
	if err != nil {
		return nil, err
	}
	return &Rotation{Options: o, file: file}, nil
}

// Rotate takes the rotation as far as it can go now: until the new key is in use and, when
// the vouchers of the old one have expired, until that one is gone from PDND. Run it again to
// go on from where it was; a phase that is reached is never left. The state returned is of
// the last phase reached, also beside an error.
func (r *Rotation) Rotate(ctx context.Context) (State, error) {
	return r.through(ctx, r.begin, r.withdraw, r.remaining(r.upload), r.remaining(r.wait), r.remaining(r.change), r.retire)
}

func (r *Rotation) through(ctx context.Context, steps ...func(context.Context) error) (State, error) {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return r.state, fmt.Errorf("%s, %s: %w", r.Subject.Ente, r.Subject.Setting, err)
		}
	}
	return r.state, nil
}

// reach makes a phase durable.
func (r *Rotation) reach(p Phase) error {
	r.state.Phase = p
	if err := writeState(r.file, r.state); err != nil {
		return err
	}
	r.tell()
	return nil
}

func (r *Rotation) tell() {
	if r.Report != nil {
		r.Report(r.state)
	}
}

// key opens one of the files of the rotation; fs.ErrNotExist does not come out of it.
func (r *Rotation) key(path string) (token.SigningKey, error) {
	signer, err := keys.Files{}.Pair(path)
	if err != nil {
		return token.SigningKey{}, err
	}
	kid, err := token.Thumbprint(signer.Signer.Public())
	return token.SigningKey{KID: kid, Algorithm: token.RS256, Signer: signer.Signer}, err
}

// next opens the new key: from its own file or, once it is in use, from that of the key.
func (r *Rotation) next() (token.SigningKey, error) {
	path := r.file + nextSuffix
	next, err := r.key(path)
	if errors.Is(err, keys.ErrNotFound) {
		path = r.file
		next, err = r.key(path)
	}
	if err == nil && next.KID != r.state.NewKID {
		err = bilingual.Errorf("%w: %s", "%w: %s", ErrOtherKey, path)
	}
	return next, err
}

// begin finds the rotation under way, or makes the new key. A key that a run made before it
// could write its state is used.
func (r *Rotation) begin(context.Context) error {
	under, err := readState(r.file)
	if err != nil {
		return err
	}
	if under != nil {
		if under.Ente != r.Subject.Ente || under.Setting != r.Subject.Setting {
			return ErrState
		}
		r.state = *under
		return nil
	}
	old, err := r.key(r.file)
	if err != nil {
		return err
	}
	made, err := keys.Generate(r.Rand, r.Subject.Role, r.file+nextSuffix)
	kid := made.KID
	if errors.Is(err, fs.ErrExist) {
		var next token.SigningKey
		next, err = r.key(r.file + nextSuffix)
		kid = next.KID
	}
	if err != nil {
		return err
	}
	r.state = State{Version: stateVersion, Ente: r.Subject.Ente, Setting: r.Subject.Setting, OldKID: old.KID, NewKID: kid, Began: r.Clock().UTC()}
	return r.reach(Made)
}

// act runs one change as an act of the ente.
func (r *Rotation) act(ctx context.Context, action, kid string, do func() error) error {
	a := acts.Act{
		Ente: r.Subject.Ente, Environment: r.Subject.Environment, Action: action, Target: r.Subject.Setting, Object: kid,
		Operator: r.Operator, Workstation: r.Workstation, Values: map[string]string{"id": r.Subject.Owner, "kid": kid},
	}
	if r.Subject.Role != keys.RoleKeychain {
		a.Client = r.Subject.Owner
	}
	begun, err := r.Journal.Begin(ctx, a)
	if err != nil {
		return err
	}
	err = do()
	var refused *api.Error
	if errors.As(err, &refused) {
		a.Outcome, a.Status, a.Code = acts.Refused, refused.Status, refused.Code
		return errors.Join(err, r.Journal.End(ctx, begun, a))
	}
	if err != nil {
		return err // the act stays without outcome: the next run looks at what is there
	}
	a.Outcome = acts.Done
	return r.Journal.End(ctx, begun, a)
}

// word is how the acts name the keys of the subject.
func (r *Rotation) word(verb string) string {
	if r.Subject.Role == keys.RoleKeychain {
		return "keychain-key/" + verb
	}
	return "client-key/" + verb
}

func (r *Rotation) onPlatform(ctx context.Context, kid string) (bool, error) {
	list, err := r.Platform.Keys(ctx)
	return slices.ContainsFunc(list, func(k modi.Key) bool { return k.KID == kid }), err
}

func (r *Rotation) upload(ctx context.Context) error {
	if r.state.Phase != Made {
		return nil
	}
	next, err := r.next()
	if err != nil {
		return err
	}
	there, err := r.onPlatform(ctx, next.KID)
	if err != nil {
		return err
	}
	if !there {
		err := r.act(ctx, r.word("add"), next.KID, func() error {
			return r.Platform.Add(ctx, "snodo-"+next.KID[:12], next.Signer.Public())
		})
		if err != nil {
			return err
		}
	}
	return r.reach(Uploaded)
}

// wait polls until PDND honours the new key: a refusal means nothing but "not yet".
func (r *Rotation) wait(ctx context.Context) error {
	if r.state.Phase != Uploaded {
		return nil
	}
	next, err := r.next()
	if err != nil {
		return err
	}
	var last error
	for until := r.Clock().Add(r.Patience); ; {
		live, err := r.Platform.Live(ctx, next)
		if live {
			return r.reach(Ready)
		}
		last = err
		if !r.Clock().Before(until) {
			break
		}
		if err := r.Pause(ctx, probeEvery); err != nil {
			return err
		}
	}
	if last != nil {
		return bilingual.Errorf("non si sa se PDND riconosce la chiave nuova: %w", "whether PDND honours the new key is not known: %w", last)
	}
	if r.state.Revoked {
		return ErrNotLive
	}
	return bilingual.Errorf("%w: nulla è cambiato, ripetere il comando più tardi", "%w: nothing has changed, run the command again later", ErrNotLive)
}

// change puts the new key in the place of the old one and sees that the hub uses it. The old
// private key stays beside it until it is retired.
func (r *Rotation) change(ctx context.Context) error {
	if r.state.Phase != Ready {
		return nil
	}
	lifespan, err := r.Platform.Lifespan(ctx)
	if err != nil {
		return err
	}
	if err := r.putInUse(ctx); err != nil {
		return err
	}
	r.state.RetireAt = r.state.Switched.Add(lifespan + settle)
	return r.reach(Switched)
}

// putInUse makes the hub sign with the new key, and remembers since when.
func (r *Rotation) putInUse(ctx context.Context) error {
	if !r.state.Switched.IsZero() {
		return r.swap(ctx)
	}
	if err := r.act(ctx, "key/switch", r.state.NewKID, func() error { return r.swap(ctx) }); err != nil {
		return err
	}
	r.state.Switched = r.Clock().UTC()
	return nil
}

// swap changes the file; done before, it only asks the hub again.
func (r *Rotation) swap(ctx context.Context) error {
	now, err := r.key(r.file)
	if err != nil {
		return err
	}
	switch now.KID {
	case r.state.OldKID:
		data, err := os.ReadFile(r.file)
		if err != nil {
			return err
		}
		if err := replace(r.file+oldSuffix, data); err != nil {
			return err
		}
		if err := move(r.file+nextSuffix, r.file); err != nil {
			return err
		}
	case r.state.NewKID:
	default:
		return bilingual.Errorf("%w: %s", "%w: %s", ErrOtherKey, r.file)
	}
	return r.inUse(ctx)
}

// inUse sees that the hub signs with the new key.
func (r *Rotation) inUse(ctx context.Context) error {
	kid, err := r.Hub.Reload(ctx, r.Subject.Ente, r.Subject.Setting)
	if err != nil {
		return err
	}
	if kid != r.state.NewKID {
		return bilingual.Errorf("%w: %s, attesa %s", "%w: %s, expected %s", ErrNotSwitched, kid, r.state.NewKID)
	}
	return nil
}

// retire takes the old key away once nothing that was made with it is good any longer. A hub
// that does not sign with the new key keeps the old one alive.
func (r *Rotation) retire(ctx context.Context) error {
	if r.state.Phase != Switched || !r.state.Revoked && r.Clock().Before(r.state.RetireAt) {
		return nil
	}
	if err := r.inUse(ctx); err != nil {
		return err
	}
	if err := r.takeAway(ctx); err != nil {
		return err
	}
	for _, suffix := range []string{oldSuffix, nextSuffix, stateSuffix} {
		if err := remove(r.file + suffix); err != nil {
			return err
		}
	}
	r.state.Phase = Retired
	r.tell()
	return nil
}

func (r *Rotation) takeAway(ctx context.Context) error {
	there, err := r.onPlatform(ctx, r.state.OldKID)
	if err != nil || !there {
		return err
	}
	return r.act(ctx, r.word("delete"), r.state.OldKID, func() error { return r.Platform.Delete(ctx, r.state.OldKID) })
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// keyKind is one of the two lookups of the platform API.
type keyKind struct {
	cache string // name for Observer
	path  string // before the kid
	owner string // member that names the owner
}

// consumerKeys is GET /keys/{kid}, for keys of clients.
func consumerKeys() keyKind {
	return keyKind{cache: "client-keys", path: "/keys/", owner: "clientId"}
}

// producerKeys is GET /producerKeys/{kid}, for keys of producer keychains.
func producerKeys() keyKind {
	return keyKind{cache: "producer-keys", path: "/producerKeys/", owner: "producerKeychainId"}
}

// lookup finds the keys of parties by kid. A key is used for Limits.KeyFresh without
// asking, then asked for again; while PDND gives no answer it lives on up to
// Limits.KeyStale and then dies, so that a revoked key cannot outlive PDND's silence.
type lookup struct {
	platform *Platform
	kind     keyKind
	keys     *lru[keyEntry]
	buckets  *lru[*bucket]
	all      *bucket
	fetches  *flights[keyEntry]
	era      atomic.Uint64 // of what is kept; a new one begins when something is forgotten
}

// keyEntry is what PDND said of a kid: a key, or that there is none.
type keyEntry struct {
	key     modi.Key
	unknown bool
	asked   time.Time
}

func newLookup(p *Platform, kind keyKind) *lookup {
	return &lookup{
		platform: p, kind: kind,
		keys:    newLRU[keyEntry](p.limits.Keys),
		buckets: newLRU[*bucket](p.limits.Keys),
		all:     newBucket(p.limits.LookupBurst, p.limits.LookupEvery),
		fetches: newFlights[keyEntry](p.limits.Waiting, p.work),
	}
}

// resolver is a lookup on behalf of an API client, for the tokens of one party.
type resolver struct {
	lookup *lookup
	api    Credentials
	party  string // whose unknown kids are counted together; "" for our own questions
}

// ConsumerKeysFor resolves keys of consumer clients (/keys/{kid}) for the tokens of one
// client, named by its verified voucher; Key.Owner is the clientId. A key is refused
// unless its RFC 7638 thumbprint is the kid.
//
// A client that invents kids soon stops causing requests to PDND, and gets "don't know"
// until its bucket refills. Kids that exist cost nothing.
func (p *Platform) ConsumerKeysFor(api Credentials, clientID string) modi.KeyResolver {
	return resolver{lookup: p.consumers, api: api, party: clientID}
}

// ResolveKey implements modi.KeyResolver. A kid that is no thumbprint is unknown
// without asking.
func (r resolver) ResolveKey(ctx context.Context, kid string) (modi.Key, error) {
	if !token.ValidKID(kid) {
		return modi.Key{}, fmt.Errorf("%w: the kid is not of PDND's form", modi.ErrKeyUnknown)
	}
	l, now := r.lookup, r.lookup.platform.clock()
	kept, found := l.keys.get(kid)
	if found && now.Sub(kept.asked) < l.freshness(kept) {
		l.platform.observeCache(l.kind.cache, "hit")
		return kept.answer()
	}
	entry, err := r.ask(ctx, kid, now)
	if err == nil {
		l.platform.observeCache(l.kind.cache, "miss")
		return entry.answer()
	}
	kept, found = l.keys.get(kid) // it may have been forgotten while PDND was asked in vain
	if found && !kept.unknown && now.Sub(kept.asked) < l.staleness() {
		l.platform.observeCache(l.kind.cache, "stale")
		return kept.key, nil
	}
	l.platform.observeCache(l.kind.cache, "unavailable")
	return modi.Key{}, undecided("key of the token", err)
}

func (l *lookup) freshness(e keyEntry) time.Duration {
	switch {
	case e.unknown:
		return l.platform.limits.KeyUnknown
	case l.platform.blind.Load():
		return l.platform.limits.BlindFresh
	default:
		return l.platform.limits.KeyFresh
	}
}

func (l *lookup) staleness() time.Duration {
	if l.platform.blind.Load() {
		return l.platform.limits.BlindStale
	}
	return l.platform.limits.KeyStale
}

func (l *lookup) forget(kid string) {
	l.era.Add(1)
	l.keys.removeIf(kid, func(keyEntry) bool { return true })
}

func (l *lookup) forgetAll() {
	l.era.Add(1)
	l.keys.clear()
}

func (e keyEntry) answer() (modi.Key, error) {
	if e.unknown {
		return modi.Key{}, fmt.Errorf("%w: PDND has no such key", modi.ErrKeyUnknown)
	}
	return e.key, nil
}

var errTooManyUnknown = errors.New("too many keys asked for that PDND does not know")

// ask makes one lookup for all who want the kid over the same network, within the limits
// of the party and of all parties together. The one who starts it pays; what is found is
// paid back.
func (r resolver) ask(ctx context.Context, kid string, now time.Time) (keyEntry, error) {
	l := r.lookup
	limited := false
	may := func() bool {
		limited = !r.pay(now)
		return !limited
	}
	era := l.era.Load()
	flight := fmt.Sprintf("%s\n%s\n%d", r.api.network(), kid, era) // an older answer may hold what was forgotten
	entry, err := l.fetches.do(ctx, flight, may, func() (keyEntry, error) {
		entry, err := l.fetch(r.api, kid, era)
		if err == nil && !entry.unknown {
			r.payBack()
		}
		return entry, err
	})
	if limited {
		l.platform.observeCache(l.kind.cache, "limited")
		return keyEntry{}, errTooManyUnknown
	}
	return entry, err
}

func (r resolver) pay(now time.Time) bool {
	if !r.lookup.all.take(now) {
		return false
	}
	if r.party == "" || r.bucket().take(now) {
		return true
	}
	r.lookup.all.giveBack()
	return false
}

func (r resolver) payBack() {
	r.lookup.all.giveBack()
	if r.party != "" {
		r.bucket().giveBack()
	}
}

func (r resolver) bucket() *bucket {
	var b *bucket
	limits := r.lookup.platform.limits
	r.lookup.buckets.update(r.party, func(held *bucket, found bool) (*bucket, bool) {
		b = held
		if !found {
			b = newBucket(limits.UnknownBurst, limits.UnknownEvery)
		}
		return b, true
	})
	return b
}

// fetch asks PDND and keeps the answer, unless something was forgotten since era.
func (l *lookup) fetch(api Credentials, kid string, era uint64) (keyEntry, error) {
	ctx, cancel := context.WithTimeout(l.platform.background, l.platform.limits.LookupTimeout)
	defer cancel()
	asked := l.platform.clock()
	reply, err := l.platform.Call(ctx, api, Request{Method: http.MethodGet, Path: l.kind.path + kid, MaxReply: maxKeyReply})
	entry := keyEntry{asked: asked}
	switch {
	case errors.Is(err, ErrNotFound):
		entry.unknown = true
	case err != nil:
		return keyEntry{}, err
	default:
		entry.key, err = readKey(reply.Body, kid, l.kind)
		if err != nil {
			return keyEntry{}, err
		}
	}
	l.keys.put(kid, entry)
	if l.era.Load() != era {
		l.keys.removeIf(kid, func(kept keyEntry) bool { return kept == entry })
	}
	return entry, nil
}

// maxKeyReply bounds the reply about one key or keychain, which takes 1 kB.
const maxKeyReply = 64 << 10

// readKey reads `{clientId, jwk}` or `{producerKeychainId, jwk}` and refuses a key that
// is not the one its kid names: whoever answers with another is not to be believed.
func readKey(body []byte, kid string, kind keyKind) (modi.Key, error) {
	var reply map[string]json.RawMessage
	if err := json.Unmarshal(body, &reply); err != nil {
		return modi.Key{}, errors.New("the reply is no JSON object")
	}
	var owner string
	if err := json.Unmarshal(reply[kind.owner], &owner); err != nil || !uuid.Valid(owner) {
		return modi.Key{}, fmt.Errorf("the reply has no %s", kind.owner)
	}
	key, err := token.ParseJWK(reply["jwk"])
	if err != nil {
		return modi.Key{}, fmt.Errorf("jwk: %w", err)
	}
	thumbprint, err := token.Thumbprint(key.Public)
	if err != nil || thumbprint != kid || (key.KID != "" && key.KID != kid) {
		return modi.Key{}, errors.New("jwk: its thumbprint is not the kid")
	}
	key.KID, key.Owner = kid, owner
	return key, nil
}

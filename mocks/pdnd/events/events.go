// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package events is the memory of the mock platform's feeds: what happened to keys,
// clients, e-services, agreements and the rest, in order, for as long as the platform
// keeps it.
//
// It owns the log and its identifiers and depends on the standard library only. It knows
// nothing of HTTP nor of the objects the events are about.
package events

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Feed names a feed as its path does.
type Feed string

// The feeds of platform API v3. v2 has all but the last.
const (
	EserviceEvents           Feed = "eserviceEvents"
	AgreementEvents          Feed = "agreementEvents"
	AttributeEvents          Feed = "attributeEvents"
	PurposeEvents            Feed = "purposeEvents"
	TenantEvents             Feed = "tenantEvents"
	EserviceTemplateEvents   Feed = "eserviceTemplateEvents"
	KeyEvents                Feed = "keyEvents"
	ClientEvents             Feed = "clientEvents"
	ProducerKeyEvents        Feed = "producerKeyEvents"
	ProducerKeychainEvents   Feed = "producerKeychainEvents"
	ProducerDelegationEvents Feed = "producerDelegationEvents"
	ConsumerDelegationEvents Feed = "consumerDelegationEvents"
	PurposeTemplateEvents    Feed = "purposeTemplateEvents"
)

// Feeds returns every feed.
func Feeds() []Feed {
	return []Feed{
		EserviceEvents, AgreementEvents, AttributeEvents, PurposeEvents, TenantEvents,
		EserviceTemplateEvents, KeyEvents, ClientEvents, ProducerKeyEvents, ProducerKeychainEvents,
		ProducerDelegationEvents, ConsumerDelegationEvents, PurposeTemplateEvents,
	}
}

// Delegable reports whether the feed takes the delegationId filter.
func (f Feed) Delegable() bool {
	return f == EserviceEvents || f == AgreementEvents || f == PurposeEvents
}

// Retention is how long the platform keeps an event, as its sample configuration says.
const Retention = 30 * 24 * time.Hour

// Event is one change.
type Event struct {
	ID   string // UUIDv7: later events have greater ids
	Feed Feed
	Type string // e.g. "CLIENT_KEY_ADDED"
	At   time.Time
	// IDs are the identifiers of the objects concerned, by the name of the member.
	IDs map[string]string
	// Seen are the tenants that may read the event; nil means every tenant.
	Seen []string
	// Delegated are the tenants that may read it only as delegates, by tenant the id of
	// the delegation.
	Delegated map[string]string
}

// Query asks for a page of a feed.
type Query struct {
	Feed  Feed
	After string // exclusive; empty means from the oldest kept
	Limit int    // at least 1
	// TenantID is who asks.
	TenantID string
	// DelegationID, when set, keeps only what is seen through that delegation.
	DelegationID string
	// Direct keeps only what is seen without a delegation.
	Direct bool
}

// Options configure a [Log].
type Options struct {
	Clock     func() time.Time
	Rand      io.Reader     // safe for concurrent use
	Retention time.Duration // [Retention] when zero
}

// Log keeps the events of every feed. It is safe for concurrent use.
type Log struct {
	opts Options

	mu   sync.Mutex
	all  []Event
	last [10]byte // time and counter of the latest id
}

// ErrRandom means the source of randomness failed.
var ErrRandom = errors.New("no randomness for an event id")

// New makes an empty log.
func New(opts Options) *Log {
	if opts.Retention == 0 {
		opts.Retention = Retention
	}
	return &Log{opts: opts}
}

// Append gives the event an id and a time and stores it. The error wraps [ErrRandom].
func (l *Log) Append(e Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.At = l.opts.Clock()
	id, err := l.nextID(e.At)
	if err != nil {
		return err
	}
	e.ID = id
	l.all = append(l.all, e)
	return nil
}

// nextID makes a UUIDv7 (RFC 9562 §5.7) greater than every one before, with a counter of
// twelve bits after the milliseconds. A clock that stands still or steps back only moves
// the counter.
func (l *Log) nextID(at time.Time) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(l.opts.Rand, b[8:]); err != nil {
		return "", fmt.Errorf("%w: %w", ErrRandom, err)
	}
	ms := uint64(max(0, at.UnixMilli()))
	lastMS := binary.BigEndian.Uint64(append([]byte{0, 0}, l.last[:6]...))
	counter := uint16(0)
	if ms <= lastMS {
		ms, counter = lastMS, binary.BigEndian.Uint16(l.last[6:8])+1
		if counter > 0x0fff {
			ms, counter = ms+1, 0
		}
	}
	var wide [8]byte
	binary.BigEndian.PutUint64(wide[:], ms)
	copy(b[:6], wide[2:])
	copy(l.last[:6], wide[2:])
	binary.BigEndian.PutUint16(l.last[6:8], counter)
	binary.BigEndian.PutUint16(b[6:8], 0x7000|counter)
	b[8] = b[8]&0x3f | 0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:], nil
}

// Read returns the events of a feed that the tenant may see, oldest first. A cursor that
// was purged is no error: what is left comes back from its start, as the real feed does.
func (l *Log) Read(q Query) []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	page := make([]Event, 0, min(q.Limit, 64))
	for _, e := range l.all {
		if e.Feed != q.Feed || e.ID <= q.After || !e.visible(q) {
			continue
		}
		if page = append(page, e); len(page) == q.Limit {
			break
		}
	}
	return page
}

func (e Event) visible(q Query) bool {
	delegation, delegated := e.Delegated[q.TenantID]
	direct := e.Seen == nil || slices.Contains(e.Seen, q.TenantID)
	switch {
	case q.Direct:
		return direct
	case q.DelegationID != "":
		return delegated && delegation == q.DelegationID
	default:
		return direct || delegated
	}
}

// All returns everything kept of a feed, whoever may see it.
func (l *Log) All(feed Feed) []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	var list []Event
	for _, e := range l.all {
		if e.Feed == feed {
			list = append(list, e)
		}
	}
	return list
}

// Purge forgets the events before an instant, on every feed, as time does after
// [Options.Retention].
func (l *Log) Purge(before time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(before)
}

func (l *Log) expire() { l.forget(l.opts.Clock().Add(-l.opts.Retention)) }

func (l *Log) forget(before time.Time) {
	l.all = slices.DeleteFunc(l.all, func(e Event) bool { return e.At.Before(before) })
}

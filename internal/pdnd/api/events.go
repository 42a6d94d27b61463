// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi/uuid"
	"github.com/snodo-pa/snodo/registry"
)

// Feed is one of the platform's feeds of events.
type Feed string

// The feeds. Keys and producer keys of every tenant are in theirs; in the others what the
// tenant may see.
const (
	FeedKeys                Feed = "keyEvents"
	FeedProducerKeys        Feed = "producerKeyEvents"
	FeedClients             Feed = "clientEvents"
	FeedProducerKeychains   Feed = "producerKeychainEvents"
	FeedEservices           Feed = "eserviceEvents"
	FeedAgreements          Feed = "agreementEvents"
	FeedPurposes            Feed = "purposeEvents"
	FeedAttributes          Feed = "attributeEvents"
	FeedTenants             Feed = "tenantEvents"
	FeedProducerDelegations Feed = "producerDelegationEvents"
	FeedConsumerDelegations Feed = "consumerDelegationEvents"
)

// Path is the path of the feed below the version of the API.
func (f Feed) Path() string { return "/" + string(f) }

// MaxEvents is the most events in one page.
const MaxEvents = 500

// Event says that something on the platform changed. Which ids it has depends on the feed.
type Event struct {
	ID                   string    `json:"id"` // UUIDv7, ascending
	Type                 string    `json:"eventType"`
	At                   time.Time `json:"eventTimestamp"`
	KID                  string    `json:"kid"`
	ClientID             string    `json:"clientId"`
	ProducerKeychainID   string    `json:"producerKeychainId"`
	EserviceID           string    `json:"eserviceId"`
	DescriptorID         string    `json:"descriptorId"`
	AgreementID          string    `json:"agreementId"`
	PurposeID            string    `json:"purposeId"`
	PurposeVersionID     string    `json:"purposeVersionId"`
	TenantID             string    `json:"tenantId"`
	AttributeID          string    `json:"attributeId"`
	DelegationID         string    `json:"delegationId"`
	ConsumerDelegationID string    `json:"consumerDelegationId"`
	ProducerDelegationID string    `json:"producerDelegationId"`
}

// EventQuery chooses a page of a feed.
type EventQuery struct {
	After      string // id of the last event seen; "" begins with the oldest kept
	Limit      int    // 1..MaxEvents; 0 means MaxEvents
	Delegation string // a delegation, or "null" for what is seen without one; "" for all
}

// Events reads one page of a feed, in ascending order: fewer than Limit means that there is
// no more now. Events are kept for some weeks only, and to a cursor older than that the
// platform answers from its oldest event without a word: see CursorTooOld. A page whose
// order is broken is a "don't know".
func (c *Client) Events(ctx context.Context, feed Feed, q EventQuery) ([]Event, error) {
	limit := q.Limit
	if limit <= 0 || limit > MaxEvents {
		limit = MaxEvents
	}
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if q.After != "" {
		query.Set("lastEventId", q.After)
	}
	if q.Delegation != "" {
		query.Set("delegationId", q.Delegation)
	}
	got, err := get[struct {
		Events []Event `json:"events"`
	}](ctx, c, feed.Path(), query)
	if err != nil {
		return nil, err
	}
	last := strings.ToLower(q.After)
	for _, e := range got.Events {
		id := strings.ToLower(e.ID)
		if !uuid.Valid(id) || id <= last {
			return nil, &registry.Fault{Kind: registry.ErrPDND, Text: textUnreadable()}
		}
		last = id
	}
	return got.Events, nil
}

// eventTime is when the event with a UUIDv7 was made (RFC 9562 §5.7); false for any other id.
func eventTime(id string) (time.Time, bool) {
	id = strings.ToLower(id)
	if !uuid.Valid(id) || id[14] != '7' {
		return time.Time{}, false
	}
	head, err := hex.DecodeString(id[:8] + id[9:13])
	if err != nil {
		return time.Time{}, false
	}
	var ms int64
	for _, b := range head {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms), true
}

// CursorTooOld tells whether events after the cursor may have been purged, given how long
// the platform keeps them: then whoever followed must read everything again. A cursor that
// is no UUIDv7 says nothing of its age and is too old.
func CursorTooOld(cursor string, now time.Time, retention time.Duration) bool {
	at, ok := eventTime(cursor)
	return !ok || now.Sub(at) >= retention
}

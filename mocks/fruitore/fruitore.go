// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package fruitore is a stand-in for another administration that consumes an e-service:
// it asks PDND for a voucher and sends requests signed with its own key (AUDIT_REST_02
// and INTEGRITY_REST_02).
//
// It owns the tokens of one consumer and uses only mocks/internal/rules, so that what the
// project verifies was not made by the project. Its hooks forge single tokens for tests.
package fruitore

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// ErrNoVoucher means the platform answered, but with no voucher.
var ErrNoVoucher = errors.New("the platform gave no voucher")

// Options configure a [Client]. Everything but Clock, Rand, HTTP and User has no default.
type Options struct {
	// Clock is the time of the consumer; time.Now when nil.
	Clock func() time.Time
	// Rand is the source of identifiers; crypto/rand when nil.
	Rand io.Reader
	// HTTP sends the requests; one that follows no redirect when nil.
	HTTP *http.Client
	// TokenURL and AssertionAudience are the platform's.
	TokenURL, AssertionAudience string
	// ClientID and PurposeID are what the voucher is asked for. An API client has no
	// purpose.
	ClientID, PurposeID string
	// Audience is the ModI audience of the e-service.
	Audience string
	// Key signs everything; Kid is its name on PDND.
	Key *rsa.PrivateKey
	Kid string
	// User, Location and LoA go into the evidence; "operatore-01", "postazione-01" and
	// "LoA3" when empty.
	User, Location, LoA string
}

// Client is one consumer. It is safe for concurrent use.
type Client struct{ opts Options }

// Members is a JSON object of a token, open to change by a hook.
type Members = map[string]any

// Hooks forge parts of one exchange. Each may be nil.
type Hooks struct {
	// Evidence, Assertion and Signature change header and claims before they are signed.
	Evidence, Assertion, Signature func(header, claims Members)
	// Request changes the finished request.
	Request func(*http.Request)
	// ContentType of the body; application/json when empty.
	ContentType string
}

// Reply is an answer, read whole.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// New makes a consumer.
func New(opts Options) *Client {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.Reader
	}
	opts.Rand = rules.Locked(opts.Rand)
	if opts.HTTP == nil {
		opts.HTTP = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if opts.User == "" {
		opts.User, opts.Location, opts.LoA = "operatore-01", "postazione-01", "LoA3"
	}
	return &Client{opts: opts}
}

// Do makes one exchange: evidence, voucher bound to it, integrity token when there is a
// body, request. Only the absence of an answer is an error, and [ErrNoVoucher].
func (c *Client) Do(ctx context.Context, method, target string, body []byte, hooks Hooks) (*Reply, error) {
	resp, err := c.open(ctx, method, target, bytes.NewReader(body), hooks)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	return whole(resp)
}

// open is Do, with a body that is read twice and an answer that the caller reads and closes.
func (c *Client) open(ctx context.Context, method, target string, body io.ReadSeeker, hooks Hooks) (*http.Response, error) {
	length, digest, err := measure(body)
	if err != nil {
		return nil, err
	}
	evidence, err := c.evidence(hooks.Evidence)
	if err != nil {
		return nil, err
	}
	voucher, err := c.Voucher(ctx, rules.EvidenceDigest(evidence), hooks.Assertion)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, target, http.NoBody) //nolint:gosec // a mock calls what its user asks for
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+voucher)
	req.Header.Set("Agid-JWT-TrackingEvidence", evidence)
	if length > 0 {
		req.Body, req.ContentLength = io.NopCloser(body), length
		req.GetBody = func() (io.ReadCloser, error) { // for a connection that the server closed meanwhile
			_, err := body.Seek(0, io.SeekStart)
			return io.NopCloser(body), err
		}
		if err := c.sign(req, digest, hooks.ContentType, hooks.Signature); err != nil {
			return nil, err
		}
	}
	if hooks.Request != nil {
		hooks.Request(req)
	}
	resp, err := c.opts.HTTP.Do(req) //nolint:gosec // a mock calls what its user asks for
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	return resp, nil
}

// measure tells length and Digest of a body, and goes back to its beginning.
func measure(body io.ReadSeeker) (length int64, digest string, err error) {
	sum := sha256.New()
	length, err = io.Copy(sum, body)
	if err == nil {
		_, err = body.Seek(0, io.SeekStart)
	}
	if err != nil {
		return 0, "", fmt.Errorf("read the body: %w", err)
	}
	return length, rules.DigestOf(sum.Sum(nil)), nil
}

// Voucher asks the platform for a voucher, bound to an evidence when digest is not
// empty. hook may forge the assertion.
func (c *Client) Voucher(ctx context.Context, digest string, hook func(header, claims Members)) (string, error) {
	assertion, err := c.Assertion(digest, hook)
	if err != nil {
		return "", err
	}
	form := url.Values{
		"client_id":             {c.opts.ClientID},
		"client_assertion":      {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"grant_type":            {"client_credentials"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.opts.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("make the token request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply, err := c.send(req)
	if err != nil {
		return "", err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if reply.Status != http.StatusOK || json.Unmarshal(reply.Body, &answer) != nil || answer.AccessToken == "" {
		return "", fmt.Errorf("%w: status %d", ErrNoVoucher, reply.Status)
	}
	return answer.AccessToken, nil
}

// Assertion makes a client assertion with exactly the documented members.
func (c *Client) Assertion(digest string, hook func(header, claims Members)) (string, error) {
	claims := Members{"iss": c.opts.ClientID, "sub": c.opts.ClientID, "aud": c.opts.AssertionAudience}
	if c.opts.PurposeID != "" {
		claims["purposeId"] = c.opts.PurposeID
	}
	if digest != "" {
		claims["digest"] = Members{"alg": "SHA256", "value": digest}
	}
	return c.compact(claims, hook)
}

func (c *Client) evidence(hook func(header, claims Members)) (string, error) {
	// 13 digits: from 10^12 to below 10^13.
	n, err := rand.Int(c.opts.Rand, big.NewInt(9_000_000_000_000))
	if err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return c.compact(Members{
		"iss":          c.opts.ClientID,
		"aud":          c.opts.Audience,
		"purposeId":    c.opts.PurposeID,
		"dnonce":       n.Int64() + 1_000_000_000_000,
		"userID":       c.opts.User,
		"userLocation": c.opts.Location,
		"LoA":          c.opts.LoA,
	}, hook)
}

func (c *Client) sign(req *http.Request, digest, contentType string, hook func(header, claims Members)) error {
	if contentType == "" {
		contentType = "application/json"
	}
	req.Header.Set("Digest", digest)
	req.Header.Set("Content-Type", contentType)
	compact, err := c.compact(Members{
		"iss":            c.opts.ClientID,
		"sub":            c.opts.ClientID,
		"aud":            c.opts.Audience,
		"signed_headers": rules.SignedHeaders(digest, contentType),
	}, hook)
	if err != nil {
		return err
	}
	req.Header.Set("Agid-JWT-Signature", compact)
	return nil
}

// compact adds jti, iat and exp (back-dated by 5 s, 300 s of life) and signs.
func (c *Client) compact(claims Members, hook func(header, claims Members)) (string, error) {
	jti, err := rules.UUID(c.opts.Rand)
	if err != nil {
		return "", err
	}
	iat := c.opts.Clock().Unix() - 5
	header := Members{"alg": "RS256", "typ": "JWT", "kid": c.opts.Kid}
	maps.Copy(claims, Members{"jti": jti, "iat": iat, "exp": iat + 300})
	if hook != nil {
		hook(header, claims)
	}
	return rules.Sign(c.opts.Rand, c.opts.Key, header, claims)
}

func (c *Client) send(req *http.Request) (*Reply, error) {
	resp, err := c.opts.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	return whole(resp)
}

// whole reads an answer to its end.
func whole(resp *http.Response) (*Reply, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, 10<<20))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return &Reply{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// CheckReply verifies the signature of an answer (INTEGRITY_REST_02) with the key of the
// producer's keychain: digest, signed headers, audience equal to the client, times.
func (c *Client) CheckReply(reply *Reply, key *rsa.PublicKey) error {
	return c.CheckReplyFor(reply, key, c.opts.ClientID)
}

// CheckReplyFor is CheckReply for an answer that is addressed to somebody else, such as to
// nobody in particular.
func (c *Client) CheckReplyFor(reply *Reply, key *rsa.PublicKey, audience string) error {
	compact, fault := rules.OneHeader(reply.Header, "Agid-JWT-Signature", rules.ClassProfile)
	if fault != nil {
		return fault
	}
	t, _, fault := rules.ParseParty(compact)
	if fault != nil {
		return fault
	}
	if err := t.Verify(key); err != nil {
		return err
	}
	if aud, _ := t.Claims.String("aud"); aud != audience {
		return fmt.Errorf("the answer is addressed to %q", aud)
	}
	window := rules.Window{MaxAge: 300 * time.Second, Future: 5 * time.Second}
	if fault := rules.CheckTimes(t.Claims, c.opts.Clock(), window, rules.ClassProfile); fault != nil {
		return fault
	}
	if fault := rules.CheckDigest(reply.Header, reply.Body); fault != nil {
		return fault
	}
	if fault := rules.CheckSignedHeaders(t.Claims, reply.Header); fault != nil {
		return fault
	}
	return nil
}

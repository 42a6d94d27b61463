// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"testing"

	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// outcome is how a transition ends: the status, the code of a refusal and the state that
// the object is left in. An empty state is the one it had.
type outcome struct {
	status int
	code   string
	state  string
}

// transition is an operation that moves an object between states: how it ends in those it
// is for, and how in all others.
type transition struct {
	producer bool // asked for by the producer, else by the consumer
	method   string
	suffix   string
	body     any
	ends     map[string]outcome
	refused  outcome
}

// TestTransitionsOfAnAgreement tries every operation in every state over TCP: those that
// the lifecycle has not are refused and change nothing.
func TestTransitionsOfAnAgreement(t *testing.T) {
	wrong := outcome{400, "002-0003", ""}
	reason := members{"reason": "mancano i documenti richiesti"}
	for name, op := range map[string]transition{
		"submit": {suffix: "/submit", body: members{}, refused: wrong, ends: map[string]outcome{"DRAFT": {200, "", "ACTIVE"}}},
		"approve": {producer: true, suffix: "/approve", refused: outcome{409, "017-0014", ""}, ends: map[string]outcome{
			"PENDING": {200, "", "ACTIVE"},
		}},
		"reject": {producer: true, suffix: "/reject", body: reason, refused: wrong, ends: map[string]outcome{
			"PENDING": {200, "", "REJECTED"},
		}},
		"suspend": {suffix: "/suspend", refused: wrong, ends: map[string]outcome{
			"ACTIVE": {200, "", "SUSPENDED"}, "SUSPENDED": {200, "", ""},
		}},
		"unsuspend": {producer: true, suffix: "/unsuspend", refused: outcome{409, "017-0013", ""}, ends: map[string]outcome{
			"SUSPENDED": {200, "", "ACTIVE"},
		}},
		"upgrade without a newer version": {suffix: "/upgrade", refused: wrong, ends: map[string]outcome{
			"ACTIVE": {400, "002-0011", ""}, "SUSPENDED": {400, "002-0011", ""},
		}},
		"archive": {suffix: "/archive", refused: wrong, ends: map[string]outcome{
			"ACTIVE": {200, "", "ARCHIVED"}, "SUSPENDED": {200, "", "ARCHIVED"},
		}},
		"clone": {suffix: "/clone", refused: wrong, ends: map[string]outcome{"REJECTED": {200, "", ""}}},
		"delete": {method: "DELETE", refused: wrong, ends: map[string]outcome{
			"DRAFT": {204, "", "gone"}, "PENDING": {204, "", "gone"}, "MISSING_CERTIFIED_ATTRIBUTES": {204, "", "gone"},
		}},
	} {
		for _, state := range []string{"DRAFT", "PENDING", "ACTIVE", "SUSPENDED", "ARCHIVED", "REJECTED", "MISSING_CERTIFIED_ATTRIBUTES"} {
			t.Run(name+" in "+state, func(t *testing.T) {
				c := newQuickCast(t)
				must(t, c.SetAgreementState(purposeID, state))
				id := ""
				for _, g := range c.Platform().Agreements(tenantID) {
					if g.EserviceID == eserviceID {
						id = g.ID
					}
				}
				c.tries(op, state, "/agreements/"+id, func() string {
					g, there := c.Platform().Agreement(id)
					if !there {
						return "gone"
					}
					return g.State
				})
			})
		}
	}
}

// tries runs a transition on an object in a state and looks at what it became.
func (c *cast) tries(op transition, state, path string, after func() string) {
	c.t.Helper()
	want, ends := op.ends[state]
	if !ends {
		want = op.refused
	}
	who, method := c.consumer, op.method
	if op.producer {
		who = c.producer
	}
	if method == "" {
		method = "POST"
	}
	c.want(who.v3(method, path+op.suffix, op.body), want.status, want.code)
	if want.state == "" {
		want.state = state
	}
	if got := after(); got != want.state {
		c.t.Errorf("it is now %s, expected %s", got, want.state)
	}
}

// TestTransitionsOfAPurpose does the same with a purpose of one version.
func TestTransitionsOfAPurpose(t *testing.T) {
	missing, none := outcome{409, "017-0015", ""}, outcome{409, "017-0016", ""}
	for name, op := range map[string]transition{
		"activate": {suffix: "/activate", refused: missing, ends: map[string]outcome{"DRAFT": {200, "", "ACTIVE"}}},
		"approve": {producer: true, suffix: "/approve", refused: missing, ends: map[string]outcome{
			"WAITING_FOR_APPROVAL": {200, "", "ACTIVE"}, "DRAFT": {403, "004-0007", ""},
		}},
		"suspend": {suffix: "/suspend", refused: none, ends: map[string]outcome{
			"ACTIVE": {200, "", "SUSPENDED"}, "SUSPENDED": {200, "", ""},
		}},
		"unsuspend": {producer: true, suffix: "/unsuspend", refused: missing, ends: map[string]outcome{
			"SUSPENDED": {200, "", "ACTIVE"}, "DRAFT": {403, "004-0007", ""},
		}},
		"unsuspend what the other side suspended": {suffix: "/unsuspend", refused: missing, ends: map[string]outcome{
			"SUSPENDED": {403, "004-0007", ""},
		}},
		"archive": {suffix: "/archive", refused: none, ends: map[string]outcome{
			"ACTIVE": {200, "", "ARCHIVED"}, "SUSPENDED": {200, "", "ARCHIVED"},
		}},
		"patch": {method: "PATCH", body: members{"title": "un altro titolo"}, refused: outcome{403, "004-0015", ""}, ends: map[string]outcome{
			"DRAFT": {200, "", ""},
		}},
		"delete": {method: "DELETE", refused: outcome{409, "004-0017", ""}, ends: map[string]outcome{
			"DRAFT": {204, "", "gone"}, "WAITING_FOR_APPROVAL": {204, "", "gone"},
		}},
	} {
		for _, state := range []string{"DRAFT", "WAITING_FOR_APPROVAL", "ACTIVE", "SUSPENDED", "ARCHIVED", "REJECTED"} {
			t.Run(name+" in "+state, func(t *testing.T) {
				c := newQuickCast(t)
				e, d := c.published(nil)
				c.agreed(c.consumer, e, d)
				id := c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, nil)), 201, "").text("id")
				must(t, c.SetPurposeState(id, state))
				c.tries(op, state, "/purposes/"+id, func() string {
					r, there := c.Platform().PurposeRecord(id)
					if !there {
						return "gone"
					}
					return r.Versions[0].State
				})
			})
		}
	}
}

// TestTransitionsOfADescriptor does the same with the only descriptor of an e-service.
func TestTransitionsOfADescriptor(t *testing.T) {
	wrong := outcome{400, "001-0003", ""}
	same := outcome{200, "", ""}
	by := func(op transition) transition {
		op.producer, op.refused = true, wrong
		return op
	}
	for name, op := range map[string]transition{
		"publish":   by(transition{suffix: "/publish", ends: map[string]outcome{"DRAFT": {200, "", "PUBLISHED"}}}),
		"suspend":   by(transition{suffix: "/suspend", ends: map[string]outcome{"PUBLISHED": {200, "", "SUSPENDED"}, "DEPRECATED": {200, "", "SUSPENDED"}}}),
		"unsuspend": by(transition{suffix: "/unsuspend", ends: map[string]outcome{"SUSPENDED": {200, "", "PUBLISHED"}}}),
		"approve":   by(transition{suffix: "/approve", ends: map[string]outcome{"WAITING_FOR_APPROVAL": {200, "", "PUBLISHED"}}}),
		"reject": by(transition{suffix: "/reject", body: members{"rejectionReason": "manca un campo"}, ends: map[string]outcome{
			"WAITING_FOR_APPROVAL": {200, "", "DRAFT"},
		}}),
		"patch": by(transition{method: "PATCH", body: members{"voucherLifespan": 120}, ends: map[string]outcome{"DRAFT": same}}),
		"quotas": by(transition{method: "PATCH", suffix: "/quotas", body: members{"dailyCallsTotal": 9000}, ends: map[string]outcome{
			"PUBLISHED": same, "SUSPENDED": same, "DEPRECATED": same,
		}}),
		"take the interface away": by(transition{method: "DELETE", suffix: "/interface", ends: map[string]outcome{"DRAFT": {204, "", ""}}}),
		"ask for an attribute": by(transition{suffix: "/certifiedAttributes/groups", body: members{"attributeIds": []string{comuniID}}, ends: map[string]outcome{
			"DRAFT": {201, "", ""},
		}}),
		"delete the only one": by(transition{method: "DELETE", ends: map[string]outcome{"DRAFT": {409, "017-0029", ""}}}),
	} {
		for _, state := range []platform.DescriptorState{
			platform.Draft, platform.WaitingForApproval, platform.Published, platform.Deprecated, platform.Suspended,
			platform.Archiving, platform.ArchivingSuspended, platform.Archived,
		} {
			t.Run(name+" in "+string(state), func(t *testing.T) {
				c := newQuickCast(t)
				e, d := c.published(nil)
				must(t, c.SetDescriptorState(d, state))
				c.tries(op, string(state), "/eservices/"+e+"/descriptors/"+d, func() string {
					found, _ := c.Platform().Descriptor(d)
					return string(found.State)
				})
			})
		}
	}
}

// TestTransitionsOfADelegation: only the delegate decides, and only once.
func TestTransitionsOfADelegation(t *testing.T) {
	const asked = "30000000-0000-4000-8000-000000000003"
	for _, kind := range []string{ConsumerDelegation, platform.ProducerDelegation} {
		for suffix, accepted := range map[string]string{"/accept": "ACTIVE", "/reject": "REJECTED"} {
			for _, state := range []string{"WAITING_FOR_APPROVAL", "ACTIVE", "REJECTED", "REVOKED"} {
				t.Run(kind+suffix+" in "+state, func(t *testing.T) {
					c := newQuickCast(t)
					e, _ := c.published(members{"isConsumerDelegable": true})
					d := Delegation{ID: asked, Kind: kind, DelegatorID: tenantID, DelegateID: delegateID, EserviceID: e, State: state}
					by := c.consumer
					if kind == platform.ProducerDelegation {
						d.DelegatorID, by = producerID, c.producer
					}
					must(t, c.Platform().AddDelegation(d))
					path := "/" + kind + "Delegations/" + asked
					var body any
					if suffix == "/reject" {
						body = members{"rejectionReason": "non possiamo"}
					}
					c.want(by.v3("POST", path+suffix, body), 403, "010-0010")
					if state != "WAITING_FOR_APPROVAL" {
						c.want(c.delegate.v3("POST", path+suffix, body), 409, "010-0011")
					} else if a := c.want(c.delegate.v3("POST", path+suffix, body), 200, ""); a.text("state") != accepted {
						t.Errorf("answered %s", a.raw)
					}
					want := map[string]string{"WAITING_FOR_APPROVAL": accepted}[state]
					if a := c.want(by.v3("GET", path, nil), 200, ""); a.text("state") != want && a.text("state") != state {
						t.Errorf("it is now %s, it was %s", a.text("state"), state)
					}
				})
			}
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto/sha256"
	"net/http"
	"time"
)

// life is how long the tokens of a party live.
const life = 60 * time.Second

// identity is the token of ID_AUTH_REST_01, signed with a certificate.
func identity(d *draft) error {
	key, err := d.world.Key("consumer")
	if err != nil {
		return err
	}
	t := newToken(Identity, "Authorization", "Bearer", "JWT", "RS256", key)
	err = d.start(t, []string{"x5c"}, life)
	if err != nil {
		return err
	}
	return d.text(t, "iss", "${organisation}", "sub", "fruitore-app", "aud", "${audience}")
}

func identityReply(d *draft) error {
	key, err := d.world.Key("provider")
	if err != nil {
		return err
	}
	t := newToken(Identity, "Authorization", "Bearer", "JWT", "RS256", key)
	err = d.start(t, []string{"x5c"}, life)
	if err != nil {
		return err
	}
	return d.text(t, "iss", "${producer-org}", "sub", "erogatore-app", "aud", "${consumer-audience}")
}

// signature is the token of INTEGRITY_REST over the body and the headers of content.
func signature(d *draft, keyName string, references []string, texts ...string) error {
	key, err := d.world.Key(keyName)
	if err != nil {
		return err
	}
	t := newToken(Signature, "Agid-JWT-Signature", "", "JWT", "RS256", key)
	err = d.start(t, references, life)
	if err == nil {
		err = d.text(t, texts...)
	}
	if err == nil {
		err = d.jti(t)
	}
	t.signs = []string{"digest", "content-type", "content-encoding"}
	t.claims.setLate("signed_headers", func() (any, error) { return t.signedHeaders(d.header), nil })
	d.sealDigest()
	return err
}

func integrityByCertificate(d *draft) error {
	return signature(d, "consumer", []string{"x5c"}, "iss", "${organisation}", "sub", "fruitore-app", "aud", "${audience}")
}

func integrityReplyByCertificate(d *draft) error {
	err := signature(d, "provider", []string{"x5c"}, "iss", "${producer-org}", "aud", "${consumer-audience}")
	if err != nil {
		return err
	}
	return confirm(d)
}

func integrity(d *draft) error {
	return signature(d, "client", []string{"kid"}, "iss", "${client}", "sub", "${client}", "aud", "${audience}")
}

func integrityReply(d *draft) error {
	err := signature(d, "producer-keychain", []string{"kid"}, "iss", "${producer}", "sub", "${producer}", "aud", "${client}")
	if err != nil {
		return err
	}
	return confirm(d)
}

// confirm ties a reply to the request that it answers (PROFILE_NON_REPUDIATION_01).
func confirm(d *draft) error {
	t, err := d.token(Signature)
	if err != nil {
		return err
	}
	return t.claims.set("request_digest", d.asked)
}

// platformReply is how the API of PDND, version 3, signs what it answers: typ of an
// access token, no aud, sub or nbf, 100 seconds of life.
func platformReply(d *draft) error {
	d.header.Set("X-Correlation-Id", "0b9d2c5e-0001-4d00-8000-000000000001")
	key, err := d.world.Key("platform-api")
	if err != nil {
		return err
	}
	t := newToken(Signature, "Agid-JWT-Signature", "", "at+jwt", "RS256", key)
	t.head.setText("use", `"sig"`)
	err = d.start(t, []string{"kid"}, 100*time.Second)
	if err == nil {
		err = d.text(t, "iss", "${api-issuer}")
	}
	if err == nil {
		err = d.jti(t)
	}
	t.signs = []string{"digest", "x-correlation-id", "content-type", "content-encoding"}
	t.claims.setLate("signed_headers", func() (any, error) { return t.signedHeaders(d.header), nil })
	d.sealDigest()
	return err
}

// evidence is the token of AUDIT_REST_01.
func evidence(d *draft) error {
	key, err := d.world.Key("client")
	if err != nil {
		return err
	}
	t := newToken(Evidence, "Agid-JWT-TrackingEvidence", "", "JWT", "RS256", key)
	err = d.start(t, []string{"kid"}, life)
	if err == nil {
		err = d.text(t, "iss", "${client}", "aud", "${audience}", "purposeId", "${purpose}",
			"userID", "${user}", "userLocation", "${workstation}", "LoA", "SPID_L2")
	}
	if err == nil {
		err = d.jti(t)
	}
	return err
}

// withDnonce makes the evidence that of AUDIT_REST_02: its hash cannot be guessed.
func withDnonce(d *draft) error {
	t, err := d.token(Evidence)
	if err != nil {
		return err
	}
	t.claims.setText("dnonce", "4718209365518")
	return nil
}

// voucher is what PDND issues (REST_JWS_2021_Bearer).
func voucher(d *draft) error {
	key, err := d.world.Key("platform")
	if err != nil {
		return err
	}
	t := newToken(Voucher, "Authorization", "Bearer", "at+jwt", "RS256", key)
	t.head.setText("use", `"sig"`)
	err = d.start(t, []string{"kid"}, 10*time.Minute)
	if err == nil {
		t.claims.setText("nbf", t.claims.members[0].text)
		err = d.jti(t)
	}
	if err == nil {
		err = d.text(t, "iss", "${issuer}", "aud", "${audience}", "sub", "${client}", "client_id", "${client}",
			"purposeId", "${purpose}", "producerId", "${producer}", "consumerId", "${consumer}",
			"eserviceId", "${eservice}", "descriptorId", "${descriptor}")
	}
	return err
}

// bindVoucher ties the voucher to the evidence, which is sealed before it.
func bindVoucher(d *draft) error {
	v, err := d.token(Voucher)
	if err != nil {
		return err
	}
	e, err := d.token(Evidence)
	if err != nil {
		return err
	}
	v.claims.setLate("digest", func() (any, error) { return evidenceDigest(e.compact), nil })
	return nil
}

// possess binds the voucher to the key of the proof (RFC 9449 §6.1).
func possess(d *draft) error {
	v, err := d.token(Voucher)
	if err != nil {
		return err
	}
	key, err := d.world.Key("dpop")
	if err != nil {
		return err
	}
	v.scheme = "DPoP"
	return v.claims.set("cnf", map[string]string{"jkt": key.KID})
}

// proof is the DPoP proof of RFC 9449 §4.2.
func proof(d *draft) (*token, error) {
	key, err := d.world.Key("dpop")
	if err != nil {
		return nil, err
	}
	t := newToken(Proof, "DPoP", "", "dpop+jwt", "ES256", key)
	err = d.start(t, []string{"jwk"}, life)
	t.claims.remove("exp")
	if err == nil {
		err = d.text(t, "htm", http.MethodPost, "htu", d.url)
	}
	if err == nil {
		err = d.jti(t)
	}
	return t, err
}

func proofAtResource(d *draft) error {
	t, err := proof(d)
	if err != nil {
		return err
	}
	v, err := d.token(Voucher)
	if err != nil {
		return err
	}
	t.claims.setLate("ath", func() (any, error) {
		sum := sha256.Sum256([]byte(v.compact))
		return b64(sum[:]), nil
	})
	return nil
}

func proofAtTokenEndpoint(d *draft) error {
	_, err := proof(d)
	return err
}

// assertion is the client assertion that asks PDND for a voucher (RFC 7523).
func assertion(d *draft) error {
	key, err := d.world.Key("client")
	if err != nil {
		return err
	}
	t := newToken(Assertion, "", "", "JWT", "RS256", key)
	err = d.start(t, []string{"kid"}, life)
	if err == nil {
		err = d.text(t, "iss", "${client}", "sub", "${client}", "aud", "${assertion-aud}", "purposeId", "${purpose}")
	}
	if err == nil {
		err = d.jti(t)
	}
	return err
}

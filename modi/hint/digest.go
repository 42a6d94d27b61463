// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package hint

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // registers SHA-256
	_ "crypto/sha512" // registers SHA-384 and SHA-512
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// MaxBody is the size above which a body is not searched for the one that was hashed.
const MaxBody = 256 << 10

// written is how a digest may have been put into text.
type written struct {
	sum  []byte
	text modi.Text // zero for the right way
}

// Digest explains a Digest header that is not that of body. encoding is the Content-Encoding
// of the message. Bodies above MaxBody are not looked into.
func Digest(header string, body []byte, encoding string) modi.Text {
	name, value, ok := strings.Cut(header, "=")
	alg, known := digestAlgorithm(name)
	switch {
	case !ok || !known && len(decoded(header)) > 0:
		name, value, alg = "", header, 0
	case !known:
		return unknownAlgorithm(name)
	}
	if len(body) > MaxBody {
		return modi.Text{}
	}
	t, found := explain(decoded(value), alg, body, encoding)
	if found && name == "" && t == (modi.Text{}) {
		return text("manca SHA-256= davanti al valore", "SHA-256= is missing before the value")
	}
	return t
}

// OtherDigest explains a Digest header that is missing where the one of the newer RFC 9530 is
// there: names are those of the headers of the message.
func OtherDigest(names []string) modi.Text {
	for _, name := range names {
		if strings.EqualFold(name, "Content-Digest") || strings.EqualFold(name, "Repr-Digest") {
			return text(
				"c'è "+name+" (RFC 9530), che ModI non prevede: va inviato Digest (RFC 3230), SHA-256= e il base64 senza i due punti",
				"there is "+name+" (RFC 9530), which ModI does not provide for: send Digest (RFC 3230), SHA-256= and the base64 without colons")
		}
	}
	return modi.Text{}
}

func digestAlgorithm(name string) (crypto.Hash, bool) {
	switch strings.ToUpper(strings.TrimSpace(name)) {
	case "SHA-256", "SHA256":
		return crypto.SHA256, true
	case "SHA-384", "SHA384":
		return crypto.SHA384, true
	case "SHA-512", "SHA512":
		return crypto.SHA512, true
	default:
		return 0, false
	}
}

func unknownAlgorithm(name string) modi.Text {
	switch strings.ToUpper(strings.TrimSpace(name)) {
	case "MD5", "SHA", "SHA-1", "SHA1", "UNIXSUM", "UNIXCKSUM", "ADLER32", "CRC32C":
		return text("algoritmo troppo debole: usare SHA-256", "the algorithm is too weak: use SHA-256")
	default:
		return modi.Text{}
	}
}

// decoded reads value in every way in which digests are met.
func decoded(value string) []written {
	var out []written
	add := func(sum []byte, err error, t modi.Text) {
		if err != nil {
			return
		}
		switch len(sum) {
		case 32, 48:
			out = append(out, written{sum, t})
		case 64:
			out = append(out, written{sum, t})
			// A SHA-256 in hexadecimal has the length of a SHA-512.
			if inner, err := hex.DecodeString(string(sum)); err == nil {
				out = append(out, written{inner, text("è il base64 del testo esadecimale: va il base64 dei byte", "this is the base64 of the hexadecimal text: use the base64 of the bytes")})
			}
		}
	}
	hexSum, err := hex.DecodeString(value)
	add(hexSum, err, text("è in esadecimale: va in base64", "this is in hexadecimal: use base64"))
	std, err := base64.StdEncoding.DecodeString(value)
	add(std, err, modi.Text{})
	raw, err := base64.RawStdEncoding.DecodeString(value)
	add(raw, err, text("manca il riempimento (=) del base64", "the padding (=) of the base64 is missing"))
	web, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(value, "="))
	add(web, err, text("è in base64url: va in base64 standard", "this is in base64url: use standard base64"))
	return out
}

// explain looks for the body and the algorithm whose digest is one of sums.
func explain(sums []written, alg crypto.Hash, body []byte, encoding string) (modi.Text, bool) {
	if w, hash, ok := among(sums, body); ok {
		if w.text == (modi.Text{}) && alg != 0 && hash != alg {
			return text("il valore è di "+hash.String()+", il nome è di "+alg.String(), "the value is of "+hash.String()+", the name is of "+alg.String()), true
		}
		return w.text, true
	}
	if len(sums) == 0 {
		return modi.Text{}, false
	}
	for v := range variants(body, encoding) {
		if _, _, ok := among(sums, v.content); ok {
			return v.text, true
		}
	}
	return modi.Text{}, false
}

// among finds the digest of content, by the algorithm of its length. Each algorithm is
// computed once.
func among(sums []written, content []byte) (written, crypto.Hash, bool) {
	done := map[crypto.Hash][]byte{}
	for _, w := range sums {
		hash := map[int]crypto.Hash{32: crypto.SHA256, 48: crypto.SHA384, 64: crypto.SHA512}[len(w.sum)]
		sum, ok := done[hash]
		if !ok {
			h := hash.New()
			h.Write(content)
			sum = h.Sum(nil)
			done[hash] = sum
		}
		if bytes.Equal(sum, w.sum) {
			return w, hash, true
		}
	}
	return written{}, 0, false
}

// EvidenceDigest explains the digest of a voucher that is not that of the tracking
// evidence compact.
func EvidenceDigest(value, compact string) modi.Text {
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return modi.Text{}
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	sum := func(s string) []byte {
		h := crypto.SHA256.New()
		h.Write([]byte(s))
		return h.Sum(nil)
	}
	is := func(content string) bool { return strings.EqualFold(value, hex.EncodeToString(sum(content))) }
	whole := sum(compact)
	switch {
	case is(string(payload)), is(parts[1]):
		return text("è il digest del solo contenuto: va calcolato sul JWS compatto intero, tre parti e punti", "this is the digest of the payload alone: compute it over the whole compact JWS, three parts and dots")
	case is(parts[0] + "." + parts[1]):
		return text("è il digest del JWS senza la firma: va calcolato sul JWS compatto intero", "this is the digest of the JWS without its signature: compute it over the whole compact JWS")
	case is(compact + "\n"), is(compact + "\r\n"):
		return text("è il digest del JWS con un a capo finale", "this is the digest of the JWS with a final line break")
	case is("Agid-JWT-TrackingEvidence: " + compact), is("Bearer " + compact):
		return text("è il digest dell'intestazione: va calcolato sul solo JWS", "this is the digest of the header: compute it over the JWS alone")
	case value == base64.StdEncoding.EncodeToString(whole), value == base64.RawURLEncoding.EncodeToString(whole):
		return text("è in base64: va in esadecimale minuscolo", "this is in base64: use lower-case hexadecimal")
	default:
		return modi.Text{}
	}
}

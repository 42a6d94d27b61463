// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
)

// maxDepth is how deep a p7m may be nested; certificates and time stamps stay well below.
const maxDepth = 40

var errBER = errors.New("not BER")

// unwrap gives the bytes of a p7m, which is often passed on as base64 or PEM.
func unwrap(data []byte) []byte {
	if len(data) == 0 || data[0] == 0x30 {
		return data
	}
	if block, _ := pem.Decode(data); block != nil {
		return block.Bytes
	}
	text := bytes.Join(bytes.Fields(data), nil)
	out := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Strict().Decode(out, text)
	if err != nil {
		return data
	}
	return out[:n]
}

// toDER writes BER with the lengths of DER and octet strings in one piece, which is what a signature was made over
// (RFC 5652 §5.4). The order of sets is left as it is.
func toDER(ber []byte) ([]byte, error) {
	out, rest, err := element(ber, 0)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, errBER
	}
	return out, nil
}

// element converts the first element of ber.
func element(ber []byte, depth int) (der, rest []byte, err error) {
	if depth > maxDepth || len(ber) < 2 || ber[0]&0x1f == 0x1f { // no structure here has tags above 30
		return nil, nil, errBER
	}
	tag := ber[0]
	length, body, err := lengthOf(ber[1:])
	if err != nil || length > len(body) {
		return nil, nil, errBER
	}
	indefinite := length < 0
	if !indefinite {
		rest = body[length:]
		body = body[:length]
	}
	if tag&0x20 == 0 {
		if indefinite {
			return nil, nil, errBER
		}
		return withHeader(tag, body), rest, nil
	}
	var inside []byte
	for {
		if indefinite && len(body) >= 2 && body[0] == 0 && body[1] == 0 {
			rest = body[2:]
			break
		}
		if !indefinite && len(body) == 0 {
			break
		}
		var piece []byte
		if piece, body, err = element(body, depth+1); err != nil {
			return nil, nil, err
		}
		if tag == 0x24 { // pieces of an octet string, whose headers go
			if piece, err = contents(piece); err != nil {
				return nil, nil, err
			}
		}
		inside = append(inside, piece...)
	}
	if tag == 0x24 {
		tag = 0x04
	}
	return withHeader(tag, inside), rest, nil
}

// contents takes the header off a piece of an octet string.
func contents(der []byte) ([]byte, error) {
	if der[0] != 0x04 {
		return nil, errBER
	}
	length, body, err := lengthOf(der[1:])
	if err != nil || length != len(body) {
		return nil, errBER
	}
	return body, nil
}

// lengthOf reads a length; -1 for one that the end says.
func lengthOf(b []byte) (length int, rest []byte, err error) {
	if len(b) == 0 {
		return 0, nil, errBER
	}
	first := int(b[0])
	b = b[1:]
	if first < 0x80 {
		return first, b, nil
	}
	if first == 0x80 {
		return -1, b, nil
	}
	n := first & 0x7f
	if n > 4 || n > len(b) {
		return 0, nil, errBER
	}
	for _, c := range b[:n] {
		length = length<<8 | int(c)
	}
	if length > 1<<30 {
		return 0, nil, errBER
	}
	return length, b[n:], nil
}

// withHeader writes an element; its length is below 1<<31, as lengthOf sees to it.
func withHeader(tag byte, body []byte) []byte {
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(body))) //nolint:gosec // see above
	length := bytes.TrimLeft(size[:], "\x00")
	out := make([]byte, 0, len(body)+6)
	out = append(out, tag)
	switch {
	case len(length) == 0:
		out = append(out, 0)
	case len(length) == 1 && length[0] < 0x80:
		out = append(out, length[0])
	default:
		out = append(out, 0x80|byte(len(length))) //nolint:gosec // at most four
		out = append(out, length...)
	}
	return append(out, body...)
}

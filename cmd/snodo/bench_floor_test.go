// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The floors of internal/tools/perf: what a flow cannot do without, written as short as
// it can be and without a line of the project. They run on all cores at once, as the
// flows do: what cores share then weighs on both sides of the ratio.

// reportCPU reports the CPU time spent since start for each operation, in the unit that
// internal/tools/perf reads.
func reportCPU(b *testing.B, spent time.Duration) {
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// ownCPU is the user and system time of this process.
func ownCPU(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// floor runs one operation on all cores and reports what it costs.
func floor(b *testing.B, operation func() error) {
	b.Helper()
	runtime.GC() // what came before pays for its own garbage
	start := ownCPU(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := operation(); err != nil {
				b.Error(err)
				return
			}
		}
	})
	reportCPU(b, ownCPU(b)-start)
}

func floorKey(b *testing.B) *rsa.PrivateKey {
	b.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	return key
}

func BenchmarkFloorVerify(b *testing.B) {
	key := floorKey(b)
	sum := sha256.Sum256([]byte("signed"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		b.Fatal(err)
	}
	floor(b, func() error { return rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature) })
}

func BenchmarkFloorSign(b *testing.B) {
	key := floorKey(b)
	sum := sha256.Sum256([]byte("signed"))
	floor(b, func() error {
		_, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		return err
	})
}

func BenchmarkFloorInboundCached(b *testing.B) {
	key := floorKey(b)
	body := []byte(`{"istanza":"` + strings.Repeat("x", 1000) + `"}`)
	digest := sha256.Sum256(body)
	bodyDigest := "SHA-256=" + base64.StdEncoding.EncodeToString(digest[:])
	now := time.Now().Unix()
	integrity := floorToken(b, key, map[string]any{
		"iss": "1e1d5c1a-0000-4000-8000-000000000001", "sub": "1e1d5c1a-0000-4000-8000-000000000001",
		"aud": "https://ente.example/modi/c_bf01/stato-istanza/v1", "iat": now, "nbf": now, "exp": now + 3600,
		"jti":            "6c0e7c52-4f3a-4c0e-9a0e-3f4b7f1f0002",
		"signed_headers": []map[string]string{{"digest": bodyDigest}, {"content-type": "application/json"}},
	})
	evidence := floorToken(b, key, map[string]any{
		"iss": "1e1d5c1a-0000-4000-8000-000000000001", "aud": "https://ente.example/modi/c_bf01/stato-istanza/v1",
		"purposeId": "1e1d5c1a-0000-4000-8000-0000000000aa", "dnonce": 4821093377120, "userID": "mat-00417",
		"userLocation": "SRV-02", "LoA": "LoA3", "iat": now, "nbf": now, "exp": now + 3600,
		"jti": "6c0e7c52-4f3a-4c0e-9a0e-3f4b7f1f0001",
	})
	floor(b, func() error {
		claims, err := floorVerify(integrity, &key.PublicKey, now)
		if err != nil {
			return err
		}
		if _, err := floorVerify(evidence, &key.PublicKey, now); err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		if !bytes.Contains(claims.SignedHeaders, []byte(base64.StdEncoding.EncodeToString(sum[:]))) {
			return errFloor
		}
		var decoded map[string]any
		return json.Unmarshal(body, &decoded)
	})
}

func floorToken(b *testing.B, key *rsa.PrivateKey, claims map[string]any) string {
	b.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		b.Fatal(err)
	}
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString([]byte(`{"alg":"RS256","kid":"`+strings.Repeat("k", 43)+`","typ":"JWT"}`)) + "." + enc.EncodeToString(payload)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		b.Fatal(err)
	}
	return signed + "." + enc.EncodeToString(signature)
}

type floorClaims struct {
	Issuer        string          `json:"iss"`
	Audience      string          `json:"aud"`
	JTI           string          `json:"jti"`
	IssuedAt      int64           `json:"iat"`
	ExpiresAt     int64           `json:"exp"`
	SignedHeaders json.RawMessage `json:"signed_headers"`
}

var errFloor = errors.New("floor: token refused")

func floorVerify(compact string, key *rsa.PublicKey, now int64) (floorClaims, error) {
	var claims floorClaims
	last := strings.LastIndexByte(compact, '.')
	first := strings.IndexByte(compact, '.')
	enc := base64.RawURLEncoding.Strict()
	header, errHeader := enc.DecodeString(compact[:first])
	payload, errPayload := enc.DecodeString(compact[first+1 : last])
	signature, errSignature := enc.DecodeString(compact[last+1:])
	var head struct{ Alg, Typ, Kid string }
	if err := errors.Join(errHeader, errPayload, errSignature, json.Unmarshal(header, &head)); err != nil {
		return claims, err
	}
	sum := sha256.Sum256([]byte(compact[:last]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature); err != nil {
		return claims, err
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return claims, err
	}
	if head.Alg != "RS256" || claims.Audience == "" || claims.IssuedAt > now || claims.ExpiresAt <= now {
		return claims, errFloor
	}
	return claims, nil
}

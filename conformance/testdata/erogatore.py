# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2
"""A small e-service in another language, wrong in five ways and right in all others.

It takes a PDND voucher and INTEGRITY_REST_02. Only the standard library: signatures are
checked with integers. Its terms come as JSON on standard input, its address goes to
standard output, and it ends when its standard input does.

Planted, each marked FAULT:
  1  the Digest is not compared with the body
  2  a message that was sent before is taken again
  3  exp is not looked at
  4  a key of any client of PDND signs for every other
  5  a refusal is a plain text that shows the path of a source file
"""
import base64
import hashlib
import json
import math
import re
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TERMS = json.loads(sys.stdin.readline())
KID = re.compile(r"^[A-Za-z0-9_-]{43}$")
TOKEN = re.compile(r"^[A-Za-z0-9_-]+$")
FIELD = re.compile(r"^[a-z0-9!#$%&'*+.^_`|~-]+$")
DIGEST = re.compile(r"^(SHA-256|SHA-384|SHA-512)=([A-Za-z0-9+/]+=*)$")
HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
PREFIX = {  # DigestInfo of RFC 8017 §9.2
    "256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
P256 = {
    "p": 2**256 - 2**224 + 2**192 + 2**96 - 1,
    "n": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "g": (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
          0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5),
}


class Refused(Exception):
    """A message that breaks a rule."""

    def __init__(self, status, rule):
        super().__init__(rule)
        self.status = status


def need(ok, status, rule):
    if not ok:
        raise Refused(status, rule)


def unb64(text):
    need(TOKEN.match(text), 400, "base64url")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text, 400, "stray bits")
    return raw


def unique(pairs):
    need(len({name for name, _ in pairs}) == len(pairs), 400, "a member twice")
    return dict(pairs)


def read_object(raw):
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise Refused(400, "not JSON") from None
    need(isinstance(value, dict), 400, "not an object")
    return value


def number(claims, name):
    value = claims.get(name)
    need(isinstance(value, (int, float)) and not isinstance(value, bool), 400, name)
    need(math.isfinite(value) and 1 <= value < 253402300800, 400, name)
    return math.floor(value)


def text(claims, name):
    value = claims.get(name)
    need(isinstance(value, str) and value, 400, name)
    return value


def add(a, b):
    """Adds two points of P-256; None is the point at infinity."""
    p = P256["p"]
    if a is None:
        return b
    if b is None:
        return a
    if a[0] == b[0]:
        if (a[1] + b[1]) % p == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, p) % p
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, p) % p
    x = (slope * slope - a[0] - b[0]) % p
    return x, (slope * (a[0] - x) - a[1]) % p


def times(k, point):
    total = None
    while k:
        if k & 1:
            total = add(total, point)
        point = add(point, point)
        k >>= 1
    return total


def integer(jwk, name):
    return int.from_bytes(unb64(jwk[name]), "big")


def verifies(jwk, alg, signed, signature):
    size = alg[2:]
    if alg.startswith("RS") and jwk.get("kty") == "RSA":
        n, e = integer(jwk, "n"), integer(jwk, "e")
        length = (n.bit_length() + 7) // 8
        if n.bit_length() < 2048 or len(signature) != length:
            return False
        info = PREFIX[size] + HASHES[size](signed).digest()
        want = b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info
        return pow(int.from_bytes(signature, "big"), e, n).to_bytes(length, "big") == want
    if alg == "ES256" and jwk.get("crv") == "P-256" and len(signature) == 64:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if not (0 < r < P256["n"] and 0 < s < P256["n"]):
            return False
        z = int.from_bytes(hashlib.sha256(signed).digest(), "big")
        w = pow(s, -1, P256["n"])
        key = integer(jwk, "x"), integer(jwk, "y")
        point = add(times(z * w % P256["n"], P256["g"]), times(r * w % P256["n"], key))
        return point is not None and point[0] % P256["n"] == r
    return False


def fetch(path):
    try:
        with urllib.request.urlopen(TERMS["suite"] + path, timeout=5) as reply:
            return json.load(reply)
    except urllib.error.HTTPError:
        return None


def opened(compact, algorithms, members, find, status):
    """Checks the form, the header and the signature; returns header and claims."""
    need(len(compact) <= 16384 and compact.count(".") == 2, status, "form")
    head, payload, signature = compact.split(".")
    header, claims, raw = read_object(unb64(head)), read_object(unb64(payload)), unb64(signature)
    need(set(header) <= members, status, "header")
    need(all(isinstance(v, str) for v in header.values()), status, "header")
    need(header.get("alg") in algorithms and header.get("use", "sig") == "sig", status, "alg")
    jwk = find(header.get("kid", ""))
    need(jwk and verifies(jwk, header["alg"], (head + "." + payload).encode(), raw), status, "signature")
    return header, claims


def check_times(claims, now, party):
    iat, exp = number(claims, "iat"), number(claims, "exp")
    need(iat <= now + 5 and exp > iat, 400, "iat")
    if "nbf" in claims:
        need(number(claims, "nbf") <= now + 5, 400, "nbf")
    # FAULT 3: exp > now is wanted
    if party:
        need(now - iat <= 300 and exp - iat <= 3600, 400, "times")


def audiences(claims, commas):
    aud = claims.get("aud")
    if isinstance(aud, str) and aud:
        return aud.split(",") if commas else [aud]
    need(isinstance(aud, list) and aud and all(isinstance(a, str) and a for a in aud), 400, "aud")
    return aud


def platform_key(kid):
    need(kid and len(kid) <= 128 and re.match(r"^[A-Za-z0-9_.-]+$", kid), 401, "kid")
    return next((k for k in fetch("/.well-known/jwks.json")["keys"] if k["kid"] == kid), None)


def client_key(kid):
    need(KID.match(kid), 400, "kid")
    found = fetch("/keys/" + kid)
    # FAULT 4: found["clientId"] is to be the client of the voucher
    return found and found["jwk"]


def check_voucher(values, now):
    need(len(values) == 1, 401 if not values else 400, "Authorization")
    scheme, _, compact = values[0].partition(" ")
    need(scheme.lower() == "bearer" and compact.strip(), 401, "scheme")
    header, claims = opened(compact, {"RS256"}, {"alg", "typ", "kid", "use"}, platform_key, 401)
    need(header.get("typ", "").lower() == "at+jwt", 401, "typ")
    need(text(claims, "iss") == TERMS["issuer"] and TERMS["audience"] in audiences(claims, True), 401, "iss, aud")
    number(claims, "nbf")
    check_times(claims, now, False)
    for name, want in (("producerId", "producer"), ("eserviceId", "eservice_id"), ("descriptorId", "descriptor")):
        need(claims.get(name) == TERMS[want], 401, name)
    need(len(text(claims, "jti")) <= 255, 401, "jti")
    need(text(claims, "sub") == text(claims, "client_id"), 401, "sub")
    need(text(claims, "purposeId") and text(claims, "consumerId"), 401, "ids")
    need("cnf" not in claims, 401, "cnf")
    need(isinstance(claims.get("digest", {}), dict), 401, "digest")
    return compact


def same_type(a, b):
    def parts(value):
        media, *rest = [p.strip() for p in value.split(";")]
        named = [p.partition("=") for p in rest]
        return media.lower(), {(n.lower(), v.strip('"').lower() if n.lower() == "charset" else v.strip('"')) for n, _, v in named}
    return parts(a) == parts(b)


def check_signed(claims, headers):
    listed = claims.get("signed_headers")
    need(isinstance(listed, list) and listed, 400, "signed_headers")
    signed = {}
    for item in listed:
        need(isinstance(item, dict) and len(item) == 1, 400, "signed_headers")
        name, value = next(iter(item.items()))
        need(isinstance(value, str) and FIELD.match(name), 400, "signed_headers")
        signed.setdefault(name, []).append(value)
    need("digest" in signed, 400, "digest not signed")
    for name in ("content-type", "content-encoding"):
        need(name in signed or not headers.get_all(name), 400, name + " not signed")
    for name, values in signed.items():
        sent = [v.encode("latin-1").decode("utf-8", "replace") for v in headers.get_all(name) or []]
        equal = same_type if name == "content-type" else (lambda a, b: a == b)
        need(len(sent) == len(values) and all(map(equal, values, sent)), 400, name)


def check_integrity(headers, body, voucher, now):
    tokens, digests = headers.get_all("Agid-JWT-Signature") or [], headers.get_all("Digest") or []
    if not body and not tokens:
        need(not digests, 400, "Digest")
        return
    need(len(tokens) == 1 and tokens[0] != voucher, 400, "Agid-JWT-Signature")
    header, claims = opened(tokens[0], {"RS256", "RS384", "RS512", "ES256"}, {"alg", "typ", "kid"}, client_key, 400)
    need(header.get("typ", "").lower() == "jwt", 400, "typ")
    need(TERMS["audience"] in audiences(claims, False), 400, "aud")
    check_times(claims, now, True)
    need(len(text(claims, "jti")) <= 255, 400, "jti")
    # FAULT 2: the jti is to be remembered, and refused the second time
    if not body:
        need(not digests, 400, "Digest")
    else:
        need(len(digests) == 1, 400, "Digest")
        form = DIGEST.match(digests[0])
        need(form, 400, "Digest")
        try:
            raw = base64.b64decode(form.group(2), validate=True)
        except ValueError:
            raise Refused(400, "Digest") from None
        need(base64.b64encode(raw).decode() == form.group(2) and len(raw) * 8 == int(form.group(1)[4:]), 400, "Digest")
        # FAULT 1: raw is to be the hash of the body
    check_signed(claims, headers)


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "servizio", ""

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            need(self.path.split("?")[0] == "/servizio", 404, "path")
            now = time.time()
            voucher = check_voucher(self.headers.get_all("Authorization") or [], now)
            check_integrity(self.headers, body, voucher, now)
        except Refused as e:
            # FAULT 5: a problem document is wanted, without the inside of the service
            self.answer(e.status, "text/plain", f'File "/opt/servizio/erogatore.py", line 42: {e}')
            return
        self.answer(200, "application/json", '{"esito":"confermata"}')

    def answer(self, status, media, body):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # until whoever started it has left


main()

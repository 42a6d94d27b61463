# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2
"""Acquisisce una residenza con Python 3.8 o successivo, senza altre librerie.

Legge il codice fiscale dallo standard input e scrive la risposta; esce con 0 se i dati sono arrivati, con 1 se la
richiesta è rifiutata, con 2 se si può ritentare.
"""

import http.client
import json
import os
import sys
import urllib.error
import urllib.request
import uuid


def main() -> int:
    richiesta = {
        "contesto": {
            "ente": os.environ["SNODO_ENTE"],
            "procedimento": "iscrizione-asilo",
            "pratica": os.environ["SNODO_PRATICA"],
            "operatore": {"tipo": "persona", "userID": "mat-00417", "postazione": "SCUOLA-02", "loa": "LoA3"},
        },
        "richiesta": {"codiceFiscale": sys.stdin.readline().strip()},
    }
    chiamata = urllib.request.Request(
        os.environ["SNODO_URL"] + "/v1/acquisizioni/anpr-c020/residenza",
        data=json.dumps(richiesta).encode(),
        headers={
            "Authorization": "Bearer " + os.environ["SNODO_CHIAVE"],
            "Content-Type": "application/json",
            "Accept-Language": "it",
            # La stessa per i tentativi della stessa richiesta: l'acquisizione non si ripete.
            "Idempotency-Key": str(uuid.uuid4()),
        },
        method="POST",
    )
    try:
        with urllib.request.urlopen(chiamata, timeout=90) as risposta:
            stato, corpo = risposta.status, risposta.read()
    except urllib.error.HTTPError as problema:  # un documento RFC 9457
        stato, corpo = problema.code, problema.read()
    except (OSError, http.client.HTTPException) as guasto:  # anche il tempo scaduto, o una risposta interrotta
        print(guasto, file=sys.stderr)
        return 2
    sys.stdout.buffer.write(corpo)
    if stato == 200:
        return 0
    return 1 if 400 <= stato < 500 and stato != 429 else 2


sys.exit(main())

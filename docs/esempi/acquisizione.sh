#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2

# Acquisisce una residenza con curl. Legge il codice fiscale dallo standard input e scrive la risposta; esce con 0 se i
# dati sono arrivati, con 1 se la richiesta è rifiutata, con 2 se si può ritentare.
set -eu
IFS= read -r codice_fiscale

corpo=$(mktemp)
trap 'rm -f "$corpo"' EXIT

# Chiave e corpo passano da un file di configurazione sullo standard input: non restano tra gli argomenti del processo.
stato=$(
  curl --silent --show-error --max-time 90 --output "$corpo" --write-out '%{http_code}' --config - <<FINE
url = "$SNODO_URL/v1/acquisizioni/anpr-c020/residenza"
header = "Authorization: Bearer $SNODO_CHIAVE"
header = "Content-Type: application/json"
header = "Accept-Language: it"
header = "Idempotency-Key: $SNODO_PRATICA-$$-$(date +%s)"
data = "{\"contesto\":{\"ente\":\"$SNODO_ENTE\",\"procedimento\":\"iscrizione-asilo\",\"pratica\":\"$SNODO_PRATICA\",\"operatore\":{\"tipo\":\"persona\",\"userID\":\"mat-00417\",\"postazione\":\"SCUOLA-02\",\"loa\":\"LoA3\"}},\"richiesta\":{\"codiceFiscale\":\"$codice_fiscale\"}}"
FINE
) || exit 2

cat "$corpo"
case $stato in
  200) exit 0 ;;
  4??) [ "$stato" = 429 ] && exit 2 || exit 1 ;;
  *) exit 2 ;;
esac

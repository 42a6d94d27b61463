<?php
// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Acquisisce una residenza con PHP 8, senza altre librerie. Legge il codice fiscale dallo standard input e scrive la
// risposta; esce con 0 se i dati sono arrivati, con 1 se la richiesta è rifiutata, con 2 se si può ritentare.

declare(strict_types=1);

$richiesta = [
    'contesto' => [
        'ente' => getenv('SNODO_ENTE'),
        'procedimento' => 'iscrizione-asilo',
        'pratica' => getenv('SNODO_PRATICA'),
        'operatore' => ['tipo' => 'persona', 'userID' => 'mat-00417', 'postazione' => 'SCUOLA-02', 'loa' => 'LoA3'],
    ],
    'richiesta' => ['codiceFiscale' => trim((string) fgets(STDIN))],
];
$contesto = stream_context_create(['http' => [
    'method' => 'POST',
    'header' => [
        'Authorization: Bearer ' . getenv('SNODO_CHIAVE'),
        'Content-Type: application/json',
        'Accept-Language: it',
        // La stessa per i tentativi della stessa richiesta: l'acquisizione non si ripete.
        'Idempotency-Key: ' . bin2hex(random_bytes(16)),
    ],
    'content' => json_encode($richiesta, JSON_THROW_ON_ERROR),
    'ignore_errors' => true, // anche un rifiuto ha un corpo: un documento RFC 9457
    'follow_location' => 0,
    'timeout' => 90,
]]);
$corpo = @file_get_contents(getenv('SNODO_URL') . '/v1/acquisizioni/anpr-c020/residenza', false, $contesto);
if ($corpo === false) {
    fwrite(STDERR, "lo Snodo non risponde\n");
    exit(2);
}
if (json_decode($corpo) === null) { // interrotta: file_get_contents non lo dice
    fwrite(STDERR, "la risposta non è intera\n");
    exit(2);
}
echo $corpo;
$stato = (int) explode(' ', $http_response_header[0])[1];
exit($stato === 200 ? 0 : ($stato >= 400 && $stato < 500 && $stato !== 429 ? 1 : 2));

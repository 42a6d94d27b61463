// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;

/**
 * Acquisisce una residenza con Java 11 o successivo, senza altre librerie: java Acquisizione.java. Legge il codice
 * fiscale dallo standard input e scrive la risposta; esce con 0 se i dati sono arrivati, con 1 se la richiesta è
 * rifiutata, con 2 se si può ritentare.
 */
public class Acquisizione {
    public static void main(String[] args) throws Exception {
        var ingresso = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var corpo = "{\"contesto\":{\"ente\":" + testo(System.getenv("SNODO_ENTE"))
            + ",\"procedimento\":\"iscrizione-asilo\",\"pratica\":" + testo(System.getenv("SNODO_PRATICA"))
            + ",\"operatore\":{\"tipo\":\"persona\",\"userID\":\"mat-00417\",\"postazione\":\"SCUOLA-02\",\"loa\":\"LoA3\"}}"
            + ",\"richiesta\":{\"codiceFiscale\":" + testo(ingresso.readLine().trim()) + "}}";
        var richiesta = HttpRequest.newBuilder(URI.create(System.getenv("SNODO_URL") + "/v1/acquisizioni/anpr-c020/residenza"))
            .header("Authorization", "Bearer " + System.getenv("SNODO_CHIAVE"))
            .header("Content-Type", "application/json")
            .header("Accept-Language", "it")
            // La stessa per i tentativi della stessa richiesta: l'acquisizione non si ripete.
            .header("Idempotency-Key", UUID.randomUUID().toString())
            .timeout(Duration.ofSeconds(90))
            .POST(HttpRequest.BodyPublishers.ofString(corpo))
            .build();
        try {
            var risposta = HttpClient.newHttpClient().send(richiesta, HttpResponse.BodyHandlers.ofByteArray());
            System.out.write(risposta.body());
            System.out.flush();
            int stato = risposta.statusCode();
            System.exit(stato == 200 ? 0 : stato >= 400 && stato < 500 && stato != 429 ? 1 : 2);
        } catch (IOException guasto) {
            System.err.println(guasto);
            System.exit(2);
        }
    }

    /** Un testo in JSON. */
    private static String testo(String s) {
        var b = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            b.append(c == '"' || c == '\\' || c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return b.append('"').toString();
    }
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Acquisisce una residenza con .NET 10 o successivo, senza altre librerie: dotnet run Acquisizione.cs. Legge il codice
// fiscale dallo standard input e scrive la risposta; esce con 0 se i dati sono arrivati, con 1 se la richiesta è
// rifiutata, con 2 se si può ritentare.

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

string Ambiente(string nome) => Environment.GetEnvironmentVariable(nome) ?? throw new InvalidOperationException(nome + " manca");

var corpo = new JsonObject
{
    ["contesto"] = new JsonObject
    {
        ["ente"] = Ambiente("SNODO_ENTE"),
        ["procedimento"] = "iscrizione-asilo",
        ["pratica"] = Ambiente("SNODO_PRATICA"),
        ["operatore"] = new JsonObject
        {
            ["tipo"] = "persona", ["userID"] = "mat-00417", ["postazione"] = "SCUOLA-02", ["loa"] = "LoA3",
        },
    },
    ["richiesta"] = new JsonObject { ["codiceFiscale"] = (Console.ReadLine() ?? "").Trim() },
};
using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(90) };
using var richiesta = new HttpRequestMessage(HttpMethod.Post, Ambiente("SNODO_URL") + "/v1/acquisizioni/anpr-c020/residenza")
{
    Content = new StringContent(corpo.ToJsonString(), Encoding.UTF8, "application/json"),
};
richiesta.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Ambiente("SNODO_CHIAVE"));
richiesta.Headers.AcceptLanguage.ParseAdd("it");
// La stessa per i tentativi della stessa richiesta: l'acquisizione non si ripete.
richiesta.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
try
{
    using var risposta = await client.SendAsync(richiesta);
    Console.Write(await risposta.Content.ReadAsStringAsync());
    var stato = (int)risposta.StatusCode;
    return stato == 200 ? 0 : stato is >= 400 and < 500 and not 429 ? 1 : 2;
}
catch (Exception guasto) when (guasto is HttpRequestException or IOException or TaskCanceledException) // anche il tempo scaduto
{
    Console.Error.WriteLine(guasto.Message);
    return 2;
}

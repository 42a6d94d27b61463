// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// The Unione asks for the state of an istanza of Borgo Fiorito. Here the request goes
// straight to the back end, which knows nothing of vouchers; behind a hub it goes to the
// hub, which does.
func Example() {
	ctx := context.Background()
	world, err := ambiente.New(ambiente.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := world.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = world.Close() }()

	ente := ambiente.BorgoFiorito()
	target := world.Procedures[ente.CodiceIPA].URL() + "/ricerche"
	reply, err := world.Unione(ente).Do(ctx, http.MethodPost, target, []byte(`{"istanza":"PRT-2026-0000126"}`), fruitore.Hooks{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(reply.Status, string(reply.Body))
	for _, exchange := range world.PDND.Requests() {
		for _, token := range exchange.ResponseTokens {
			fmt.Println(token.Name, "for", token.Payload["aud"])
		}
	}
	// Output:
	// 200 {"istanza":"PRT-2026-0000126","stato":"accolta","aggiornata_il":"2026-07-21T07:30:00Z","ufficio":"Servizi Scolastici","responsabile":"Sara Galli"}
	// access_token for https://snodo.locale.invalid/modi/c_bf01/stato-istanza/v1
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import "context"

// receive reads the body. Route and voucher need the head of the request alone: until they have passed, a stranger
// costs no memory and is not told to go on sending.
func (i *In) receive(_ context.Context, x *serving) error {
	if x.uploads() {
		return i.receiveUpload(x)
	}
	if x.in.Open == nil {
		return nil
	}
	body, err := x.in.Open(x.exposed.recipe.Limits.Body, x.share(), x.sender())
	if err != nil {
		return err
	}
	x.in.Body = body
	return nil
}

// share names the e-service where e-services share something.
func (x *serving) share() string { return x.exposed.ente.CodiceIPA + "/" + x.exposed.recipe.Name }

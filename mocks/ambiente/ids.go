// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

// The identifiers of the invented world. They never change, so that configuration and
// documentation can name them.
const (
	MinisteroTenantID  = "a0000000-0000-4000-8000-000000000001"
	MinisteroKeychain  = "a0000000-0000-4000-8000-000000000002"
	C030EserviceID     = "a0000000-0000-4000-8000-000000000030"
	C030DescriptorID   = "a0000000-0000-4000-8000-000000000031"
	C020EserviceID     = "a0000000-0000-4000-8000-000000000020"
	C020DescriptorID   = "a0000000-0000-4000-8000-000000000021"
	C030Audience       = "https://modipa.anpr.locale.invalid/govway/rest/in/MinInternoPortaANPR/C030-servizioAccertamentoIdUnicoNazionale/v1"
	C020Audience       = "https://modipa.anpr.locale.invalid/govway/rest/in/MinInternoPortaANPR/C020-servizioAccertamentoResidenza/v1"
	UnioneTenantID     = "c0000000-0000-4000-8000-000000000001"
	UnioneCodiceIPA    = "c_up03"
	UnioneClientID     = "c0000000-0000-4000-8000-000000000002"
	UnioneAPIClientID  = "c0000000-0000-4000-8000-000000000003"
	UnioneAdminClient  = "c0000000-0000-4000-8000-000000000007" // API client with an admin
	UnioneAdminID      = "c0000000-0000-4000-8000-000000000008"
	UnioneNome         = "Unione dei Comuni della Piana"
	ComuniAttributeID  = "a0000000-0000-4000-8000-000000000010" // certified attribute of the comuni
	MinisteroNome      = "Ministero dell'Interno (finto)"
	voucherLifespan    = 600 // seconds
	statoIstanza       = "stato-istanza"
	borgoIPA, valIPA   = "c_bf01", "c_vs02"
	borgoNome, valNome = "Comune di Borgo Fiorito", "Comune di Val Serena"
)

// Ente is one of the two enti whose hub is under test: it consumes ANPR and exposes
// stato-istanza.
type Ente struct {
	CodiceIPA, Nome  string
	TenantID         string
	ConsumerClientID string // consumer client, linked to both ANPR purposes
	APIClientID      string // client for the platform's own API
	AdminClientID    string // the same with an admin: its vouchers are m2m-admin
	AdminID          string // that admin, a user of every client and keychain of the ente
	PurposeC030      string
	PurposeC020      string
	KeychainID       string // producer keychain of stato-istanza
	EserviceID       string // stato-istanza
	DescriptorID     string
	Audience         string
	// PurposeUnione is the purpose for which the Unione consumes stato-istanza.
	PurposeUnione string
}

// BorgoFiorito is the first ente.
func BorgoFiorito() Ente { return ente(borgoIPA, borgoNome, "b1000000-0000-4000-8000-0000000000") }

// ValSerena is the second ente.
func ValSerena() Ente { return ente(valIPA, valNome, "b2000000-0000-4000-8000-0000000000") }

// Enti returns the two enti.
func Enti() []Ente { return []Ente{BorgoFiorito(), ValSerena()} }

// ente derives the identifiers of an ente from a prefix that lacks two digits.
func ente(codiceIPA, nome, prefix string) Ente {
	return Ente{
		CodiceIPA:        codiceIPA,
		Nome:             nome,
		TenantID:         prefix + "01",
		ConsumerClientID: prefix + "02",
		APIClientID:      prefix + "03",
		AdminClientID:    prefix + "07",
		AdminID:          prefix + "08",
		PurposeC030:      prefix + "30",
		PurposeC020:      prefix + "20",
		KeychainID:       prefix + "04",
		EserviceID:       prefix + "05",
		DescriptorID:     prefix + "06",
		Audience:         "https://snodo.locale.invalid/modi/" + codiceIPA + "/" + statoIstanza + "/v1",
		PurposeUnione:    prefix + "40",
	}
}

// dailyCalls is what every purpose declares: more than any test makes.
const dailyCalls = 1_000_000

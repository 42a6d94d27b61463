// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"cmp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/conformance/cases"
)

// settingPrefix begins the names of the circumstances that are settings of the service.
// Config.Setup may leave it out.
const settingPrefix = "setup:"

// Circumstance is something around a case that a message cannot bring about: how the
// service is set up, or what befalls it. Config.Setup names those that hold.
type Circumstance struct {
	Name  string `json:"name"`
	About Text   `json:"about"`
}

// Circumstances lists those that some case needs, or is not played in, by name.
func Circumstances() ([]Circumstance, error) {
	all, err := Cases()
	if err != nil {
		return nil, err
	}
	texts := circumstanceTexts()
	seen := map[string]bool{}
	var out []Circumstance
	for _, c := range all {
		for _, name := range slices.Concat(c.Needs, c.Unless) {
			if seen[name] {
				continue
			}
			seen[name] = true
			about, known := texts[name]
			if !known { // a rule of a hub
				about = Text{IT: "il servizio prevede questo caso: " + c.Title.IT, EN: "the service provides for this case: " + c.Title.EN}
			}
			out = append(out, Circumstance{name, about})
		}
	}
	slices.SortFunc(out, func(a, b Circumstance) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func circumstanceTexts() map[string]Text {
	return map[string]Text{
		"setup:algorithms":             {IT: "ammette soltanto ES256", EN: "it admits ES256 alone"},
		"setup:rs256-only":             {IT: "per accordo ammette soltanto RS256", EN: "by agreement it admits RS256 alone"},
		"setup:claims":                 {IT: "vuole nell'evidenza il claim concordato ufficio", EN: "it wants the agreed claim ufficio in the tracking evidence"},
		"setup:empty-payload":          {IT: "vuole la firma anche dei messaggi senza corpo", EN: "it wants messages without a body signed as well"},
		"setup:non-repudiation":        {IT: "la risposta conferma il Digest della richiesta (PROFILE_NON_REPUDIATION_01)", EN: "the reply confirms the Digest of the request (PROFILE_NON_REPUDIATION_01)"},
		"setup:optional":               {IT: "ammette che l'evidenza manchi", EN: "it admits that the tracking evidence is absent"},
		"setup:organisation":           {IT: "controlla il codice dell'organizzazione nel certificato (parties.organisation)", EN: "it checks the organisation's code in the certificate (parties.organisation)"},
		"setup:references":             {IT: "ammette il certificato per un solo riferimento (x5c, x5t#S256 o x5u: lo dice il caso)", EN: "it admits one reference to the certificate alone (x5c, x5t#S256 or x5u: the case tells)"},
		"setup:signature-header":       {IT: "la firma è nell'intestazione concordata Custom-JWT-Signature", EN: "the signature is in the agreed field Custom-JWT-Signature"},
		"setup:signed-headers":         {IT: "vuole firmata anche l'intestazione concordata X-Ufficio", EN: "it wants the agreed field X-Ufficio signed as well"},
		string(cases.LayerInteraction): {IT: "l'operazione è uno scambio non bloccante, PUSH o PULL", EN: "the operation is a non-blocking exchange, PUSH or PULL"},
		string(cases.LayerGateway):     {IT: "il fruitore è impostato come vuole il caso", EN: "the consumer is set up as the case wants"},

		string(cases.KeyRegistryDown):    {IT: "le chiavi di PDND non si raggiungono", EN: "the keys of PDND cannot be reached"},
		string(cases.KeyDeleted):         {IT: "PDND ha annunciato che la chiave è cancellata", EN: "PDND has announced that the key is deleted"},
		string(cases.RevocationDown):     {IT: "né CRL né OCSP si raggiungono", EN: "neither CRL nor OCSP can be reached"},
		string(cases.RevokedByCRL):       {IT: "il certificato è nella CRL", EN: "the certificate is on the CRL"},
		string(cases.RevokedByOCSP):      {IT: "OCSP dice che il certificato è revocato", EN: "OCSP says that the certificate is revoked"},
		string(cases.ReplayStoreDown):    {IT: "l'archivio dei jti usati non risponde", EN: "the store of used jti does not answer"},
		string(cases.X5UHostConfigured):  {IT: "l'host di x5u è tra quelli ammessi", EN: "the host of x5u is on the list"},
		string(cases.X5UNotFound):        {IT: "l'host di x5u risponde 404", EN: "the host of x5u answers 404"},
		string(cases.X5UNotACertificate): {IT: "l'host di x5u risponde altro", EN: "the host of x5u answers something else"},
		string(cases.X5UDown):            {IT: "l'host di x5u non risponde", EN: "the host of x5u does not answer"},
		string(cases.CertificatePinned):  {IT: "è fidato il certificato stesso, non la sua CA", EN: "the certificate itself is trusted, not its CA"},
	}
}

// normalSetup gives the circumstances of a configuration their whole names, and tells
// those that no case knows.
func (c Config) normalSetup(m *Misuse) ([]string, error) {
	if len(c.Setup) == 0 {
		return nil, nil
	}
	known, err := Circumstances()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(known))
	for i, one := range known {
		names[i] = one.Name
	}
	var out []string
	for _, given := range c.Setup {
		name := given
		if !slices.Contains(names, name) {
			name = settingPrefix + given
		}
		if !slices.Contains(names, name) {
			short := strings.ReplaceAll(strings.Join(names, ", "), settingPrefix, "")
			m.add("setup %q: valori ammessi %s", "setup %q: allowed values are %s", given, short)
			continue
		}
		out = append(out, name)
	}
	return out, nil
}

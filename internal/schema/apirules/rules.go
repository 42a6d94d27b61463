// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apirules

import (
	"slices"

	"github.com/snodo-pa/snodo/modi"
)

// Severity says what a finding keeps one from.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // the document is not published: the guideline or an RFC forbids it
	Warning Severity = "warning" // it is published; consumers or the catalogue would have it otherwise
)

// Rule is one rule of the table.
type Rule struct {
	ID       modi.RuleID
	Severity Severity
	Text     modi.Text // what is wrong and what to do
	Source   string    // guideline, recommendation or RFC
}

// Finding is one place of a document that breaks a rule.
type Finding struct {
	Rule     modi.RuleID
	Severity Severity
	Place    string // JSON pointer
	Text     modi.Text
	Source   string
}

// String is the finding in one line, in English.
func (f Finding) String() string { return string(f.Severity) + " " + string(f.Rule) + " " + f.Place }

// Rules returns the table. The slice is the caller's own.
func Rules() []Rule {
	return slices.Concat(documentRules(), statusRules(), answerRules(), operationRules(), schemaRules(), secrecyRules())
}

func rule(id modi.RuleID, severity Severity, source, it, en string) Rule {
	return Rule{ID: id, Severity: severity, Text: modi.Text{IT: it, EN: en}, Source: source}
}

const (
	guideline = "AgID, Linee guida interoperabilità tecnica"
	problems  = "RAC_REST_NAME_008, RFC 9457"
	limits    = "RAC_ROBUSTEZZA_001, RFC 6585"
	downtime  = "RAC_ROBUSTEZZA_002, RFC 9110 §10.2.3"
	urls      = "RAC_GEN_004"
	formats   = "RAC_REST_FORMAT_004"
)

// The rules on the document as a whole.
const (
	Unreadable         modi.RuleID = "oas.document/unreadable"
	TooLarge           modi.RuleID = "oas.document/too-large"
	OldVersion         modi.RuleID = "oas.document/old-version"
	Invalid            modi.RuleID = "oas.document/invalid"
	BadExample         modi.RuleID = "oas.document/example-invalid"
	SummaryMissing     modi.RuleID = "oas.info/summary-missing"
	ContactMissing     modi.RuleID = "oas.info/contact-missing"
	VersionNotSemantic modi.RuleID = "oas.info/version-not-semantic"
	TermsMissing       modi.RuleID = "oas.info/terms-missing"
	APIIDMissing       modi.RuleID = "oas.info/api-id-missing"
	ServersMissing     modi.RuleID = "oas.servers/missing"
	ServerNotDescribed modi.RuleID = "oas.servers/description-missing"
	ServerNotHTTPS     modi.RuleID = "oas.servers/not-https"
)

func documentRules() []Rule {
	return []Rule{
		rule(Unreadable, Error, "OpenAPI 3.0", "il documento non è YAML né JSON, o non è un oggetto", "the document is neither YAML nor JSON, or is no object"),
		rule(TooLarge, Error, "limit of this program", "il documento è troppo grande per essere letto tutto", "the document is too large to be read whole"),
		rule(OldVersion, Error, "RAC_REST_FORMAT_001", "il documento non è OpenAPI 3: convertirlo da Swagger 2.0", "the document is not OpenAPI 3: convert it from Swagger 2.0"),
		rule(Invalid, Error, "OpenAPI 3.0", "il documento non rispetta OpenAPI 3.0", "the document breaks OpenAPI 3.0"),
		rule(BadExample, Error, "OpenAPI 3.0, media type object", "un esempio non rispetta il suo schema", "an example breaks its schema"),
		rule(SummaryMissing, Error, guideline, "info.x-summary manca: scrivere in una riga che cosa offre l'e-service", "info.x-summary is missing: say in one line what the e-service offers"),
		rule(ContactMissing, Error, guideline, "info.contact manca: indicare chi risponde dell'e-service", "info.contact is missing: name who answers for the e-service"),
		rule(VersionNotSemantic, Error, "Semantic Versioning 2.0.0", "info.version non è una versione come 1.0.0", "info.version is not a version such as 1.0.0"),
		rule(TermsMissing, Warning, guideline, "info.termsOfService manca: indicare dove sono le condizioni d'uso", "info.termsOfService is missing: say where the terms of use are"),
		rule(APIIDMissing, Warning, guideline, "info.x-api-id manca: un UUID che resti lo stesso nelle versioni successive", "info.x-api-id is missing: a UUID that stays the same over versions"),
		rule(ServersMissing, Warning, guideline, "servers manca: indicare l'indirizzo dell'e-service", "servers is missing: give the address of the e-service"),
		rule(ServerNotDescribed, Error, guideline, "il server non ha una description che dica a che cosa serve", "the server has no description that says what it is for"),
		rule(ServerNotHTTPS, Error, "RAC_GEN_001", "l'indirizzo del server non comincia con https:// (per una prova, x-sandbox: true)", "the address of the server does not begin with https:// (for a trial, x-sandbox: true)"),
	}
}

// The rules on /status.
const (
	StatusMissing     modi.RuleID = "oas.status/missing"
	StatusUpMedia     modi.RuleID = "oas.status/up-media-type"
	StatusDownMedia   modi.RuleID = "oas.status/down-media-type"
	StatusNeedsAToken modi.RuleID = "oas.status/needs-token"
)

func statusRules() []Rule {
	const source = "RAC_REST_NAME_011"
	return []Rule{
		rule(StatusMissing, Error, source, "il percorso /status con il metodo GET manca: dice se il servizio è attivo", "path /status with method GET is missing: it tells whether the service is up"),
		rule(StatusUpMedia, Error, source, "la risposta 200 di /status non è application/problem+json o application/json", "answer 200 of /status is neither application/problem+json nor application/json"),
		rule(StatusDownMedia, Error, source, "le risposte 4xx e 5xx di /status non sono application/problem+json", "answers 4xx and 5xx of /status are not application/problem+json"),
		rule(StatusNeedsAToken, Warning, source, "/status chiede un token: scrivere security: []", "/status asks for a token: write security: []"),
	}
}

// The rules on answers.
const (
	NotAProblem       modi.RuleID = "oas.responses/not-problem"
	ProblemFields     modi.RuleID = "oas.responses/problem-fields"
	NoContentBody     modi.RuleID = "oas.responses/no-content-with-body"
	NotAnObject       modi.RuleID = "oas.responses/not-an-object"
	No503             modi.RuleID = "oas.responses/503-missing"
	NoRetryAfter503   modi.RuleID = "oas.responses/503-without-retry-after"
	No429             modi.RuleID = "oas.rate-limit/429-missing"
	NoRetryAfter429   modi.RuleID = "oas.rate-limit/429-without-retry-after"
	Incomplete429     modi.RuleID = "oas.rate-limit/429-incomplete"
	RateLimitMissing  modi.RuleID = "oas.rate-limit/missing"
	RateLimitMixed    modi.RuleID = "oas.rate-limit/mixed"
	ReservedHeader    modi.RuleID = "oas.headers/reserved"
	ExperimentalName  modi.RuleID = "oas.headers/x-prefix"
	HeaderNotTrain    modi.RuleID = "oas.headers/not-train-case"
	CacheNotDescribed modi.RuleID = "oas.headers/cache-not-described"
)

func answerRules() []Rule {
	return []Rule{
		rule(NotAProblem, Error, problems, "una risposta di errore non è application/problem+json", "an error answer is not application/problem+json"),
		rule(ProblemFields, Warning, problems, "lo schema dell'errore non ha almeno title e status, type o detail", "the schema of the error lacks title with status, type or detail"),
		rule(NoContentBody, Error, "RFC 9110 §15.3.5", "una risposta 204 o 205 descrive un corpo", "an answer 204 or 205 describes a body"),
		rule(NotAnObject, Warning, "RAC_REST_FORMAT_002", "la risposta JSON non è un oggetto: racchiudere la lista, per poterla estendere", "the JSON answer is no object: wrap the list, so that it can be extended"),
		rule(No503, Warning, downtime, "l'operazione non descrive la risposta 503", "the operation does not describe answer 503"),
		rule(NoRetryAfter503, Error, downtime, "la risposta 503 non ha l'intestazione Retry-After", "answer 503 has no header Retry-After"),
		rule(No429, Error, limits, "l'operazione non descrive la risposta 429", "the operation does not describe answer 429"),
		rule(NoRetryAfter429, Error, limits, "la risposta 429 non ha l'intestazione Retry-After", "answer 429 has no header Retry-After"),
		rule(Incomplete429, Error, limits, "la risposta 429 non ha Limit, Remaining e Reset dello stesso prefisso, X-RateLimit- o RateLimit-", "answer 429 lacks Limit, Remaining and Reset of one prefix, X-RateLimit- or RateLimit-"),
		rule(RateLimitMissing, Warning, limits, "la risposta non ha le tre intestazioni X-RateLimit-Limit, -Remaining e -Reset", "the answer lacks the three headers X-RateLimit-Limit, -Remaining and -Reset"),
		rule(RateLimitMixed, Error, limits, "la risposta mescola X-RateLimit- e RateLimit-: sceglierne uno", "the answer mixes X-RateLimit- and RateLimit-: choose one"),
		rule(ReservedHeader, Error, "OpenAPI 3.0, parameter object", "Authorization, Content-Type e Accept si descrivono con security e content, non come intestazioni", "Authorization, Content-Type and Accept are described by security and content, not as headers"),
		rule(ExperimentalName, Warning, "RFC 6648", "il nome dell'intestazione comincia con X-", "the name of the header begins with X-"),
		rule(HeaderNotTrain, Warning, "RAC_REST_NAME_003", "il nome dell'intestazione non è in Train-Case, come Nome-Cosa", "the name of the header is not in Train-Case, such as Name-Thing"),
		rule(CacheNotDescribed, Warning, "RAC_REST_NAME_010, RFC 9111", "l'intestazione non dice nella sua description come si tiene in cache (per esempio no-store)", "the header does not say in its description how it is cached (for example no-store)"),
	}
}

// The rules on paths and operations.
const (
	PathNotKebab     modi.RuleID = "oas.names/path-not-kebab-case"
	NotRecommended   modi.RuleID = "oas.names/not-recommended"
	SchemaNotPascal  modi.RuleID = "oas.names/schema-not-pascal-case"
	OperationUnnamed modi.RuleID = "oas.operations/id-missing"
	GetBody          modi.RuleID = "oas.operations/get-with-body"
	DeleteBody       modi.RuleID = "oas.operations/delete-with-body"
	PatchNoBody      modi.RuleID = "oas.operations/patch-without-body"
	PatchMedia       modi.RuleID = "oas.operations/patch-media-type"
	PatchNotAList    modi.RuleID = "oas.operations/json-patch-not-a-list"
)

func operationRules() []Rule {
	return []Rule{
		rule(PathNotKebab, Warning, "RAC_REST_NAME_002", "il percorso non è in kebab-case, come /nome-cosa", "the path is not in kebab-case, such as /name-thing"),
		rule(NotRecommended, Warning, "RAC_REST_NAME_004, ontologie nazionali", "il nome non è quello raccomandato dalle ontologie nazionali (given_name, family_name, tax_code, birth_date)", "the name is not the one that national ontologies recommend (given_name, family_name, tax_code, birth_date)"),
		rule(SchemaNotPascal, Warning, guideline, "il nome dello schema non è in PascalCase", "the name of the schema is not in PascalCase"),
		rule(OperationUnnamed, Warning, "OpenAPI 3.0", "l'operazione non ha operationId", "the operation has no operationId"),
		rule(GetBody, Error, "RFC 9110 §9.3.1", "GET ha un corpo: usare POST, o parametri", "GET has a body: use POST, or parameters"),
		rule(DeleteBody, Warning, "RFC 9110 §9.3.5", "DELETE ha un corpo", "DELETE has a body"),
		rule(PatchNoBody, Error, "RFC 5789", "PATCH non ha un corpo obbligatorio", "PATCH has no required body"),
		rule(PatchMedia, Error, "RFC 5789, RFC 7396", "il corpo di PATCH è application/json: usare application/merge-patch+json", "the body of PATCH is application/json: use application/merge-patch+json"),
		rule(PatchNotAList, Warning, "RFC 6902", "un corpo application/json-patch+json non è una lista", "a body application/json-patch+json is no list"),
	}
}

// The rules on schemas.
const (
	NumberFormat     modi.RuleID = "oas.schemas/number-format"
	IntegerFormat    modi.RuleID = "oas.schemas/integer-format"
	UnknownFormat    modi.RuleID = "oas.schemas/unknown-number-format"
	StringUnbounded  modi.RuleID = "oas.schemas/string-unbounded"
	ListUnbounded    modi.RuleID = "oas.schemas/list-unbounded"
	IntegerUnbounded modi.RuleID = "oas.schemas/integer-unbounded"
)

func schemaRules() []Rule {
	const bounds = "OWASP API4:2023, AgID Linee guida sicurezza API"
	return []Rule{
		rule(NumberFormat, Error, formats, "un numero non dice il suo format (double, float, decimal64)", "a number does not say its format (double, float, decimal64)"),
		rule(IntegerFormat, Error, formats, "un intero non dice il suo format (int32, int64)", "an integer does not say its format (int32, int64)"),
		rule(UnknownFormat, Warning, formats, "il format del numero non è tra quelli ammessi", "the format of the number is not one of those admitted"),
		rule(StringUnbounded, Warning, bounds, "un testo non ha maxLength né enum", "a text has neither maxLength nor enum"),
		rule(ListUnbounded, Warning, bounds, "una lista non ha maxItems", "a list has no maxItems"),
		rule(IntegerUnbounded, Warning, bounds, "un intero non ha minimum e maximum", "an integer has no minimum and maximum"),
	}
}

// The rules on who may see what.
const (
	FiscalCodeInURL  modi.RuleID = "oas.url/fiscal-code"
	CredentialInURL  modi.RuleID = "oas.url/credential"
	NoSecurity       modi.RuleID = "oas.security/missing"
	KeyInQuery       modi.RuleID = "oas.security/api-key-in-query"
	OAuthNotHTTPS    modi.RuleID = "oas.security/oauth-not-https"
	OAuthUnsafeFlow  modi.RuleID = "oas.security/oauth-flow"
	SchemeNotDefined modi.RuleID = "oas.security/scheme-not-defined"
)

func secrecyRules() []Rule {
	return []Rule{
		rule(FiscalCodeInURL, Error, urls, "un codice fiscale sta nel percorso o nella query, che finiscono nei log: spostarlo nel corpo di un POST", "a codice fiscale is in the path or the query, which end up in logs: move it into the body of a POST"),
		rule(CredentialInURL, Error, urls, "una credenziale sta nel percorso o nella query", "a credential is in the path or the query"),
		rule(NoSecurity, Error, guideline, "l'operazione non dice quale token chiede: scrivere security con il voucher PDND (bearer)", "the operation does not say which token it asks for: write security with the PDND voucher (bearer)"),
		rule(KeyInQuery, Error, urls, "una chiave API si passa nella query", "an API key is passed in the query"),
		rule(OAuthNotHTTPS, Error, "RFC 6749 §3.1", "un indirizzo di OAuth 2 non comincia con https://", "an address of OAuth 2 does not begin with https://"),
		rule(OAuthUnsafeFlow, Error, "RFC 9700", "i flussi implicit e password di OAuth 2 non sono sicuri", "the flows implicit and password of OAuth 2 are not safe"),
		rule(SchemeNotDefined, Error, "OpenAPI 3.0, security requirement object", "security nomina uno schema che components.securitySchemes non ha", "security names a scheme that components.securitySchemes does not have"),
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/conformance/cases"
)

// judge holds an answer against what the case expects: the class of the status. A rule
// that the answer names is told, and decides nothing: guidelines fix no names of errors.
func (p *provider) judge(r Result, s sent) Result {
	switch {
	case errors.Is(s.err, errUnsendable):
		return r.skip("un client HTTP non può spedire questo messaggio", "a client of HTTP cannot send this message")
	case s.err != nil:
		r.Exchanges = []Exchange{s.exchange}
		return r.broken(s.err)
	case s.answer.status == http.StatusTooManyRequests && r.Case.Status != http.StatusTooManyRequests:
		r.Exchanges = []Exchange{s.exchange}
		return r.broken(errors.New("429: the service limits the requests"))
	}
	r.Expected, r.Found = expected(r.Case), found(s.answer)
	r.Verdict = Pass
	status := s.answer.status
	switch {
	case r.Case.table.Verdict == cases.Accept:
		p.accepted(&r, s)
	case r.Case.table.Expect.Undecided:
		if status != http.StatusServiceUnavailable {
			r.fail("deciso, quando nessuno può saperlo", "decided, where nobody can know")
		}
	case status < 300:
		r.fail("un messaggio che viola la regola è stato accettato", "a message that breaks the rule was accepted")
	case status < 400:
		r.fail("un rinvio non è un rifiuto", "a redirect is no refusal")
	case status >= 500:
		r.fail("il servizio si è rotto invece di rifiutare", "the service broke instead of refusing")
	}
	if r.Verdict == Fail {
		r.Exchanges = append(r.Exchanges, s.exchange)
	}
	return r
}

func (p *provider) accepted(r *Result, s sent) {
	if s.answer.status >= 300 {
		r.fail("un messaggio conforme è stato rifiutato", "a message that follows the rules was refused")
		return
	}
	p.judgeReply(s)
}

func (r *Result) fail(it, en string) {
	r.Verdict, r.Reason, r.Mend = Fail, Text{IT: it, EN: en}, r.Case.Mend
}

// expected tells what the case wants, as a class of status.
func expected(c Case) Text {
	switch c.Expect {
	case "accept":
		return Text{IT: "2xx: accettato", EN: "2xx: accepted"}
	case "undecided":
		return Text{IT: "503: non si può decidere", EN: "503: it cannot be decided"}
	default:
		return Text{
			IT: fmt.Sprintf("4xx: rifiutato (%d, %s)", c.Status, c.Rule), EN: fmt.Sprintf("4xx: refused (%d, %s)", c.Status, c.Rule),
		}
	}
}

func found(a *answer) Text {
	return same(strings.TrimSpace(fmt.Sprintf("%d %s", a.status, ruleIn(a.body))))
}

// ruleIn is how a problem document names what is wrong: rule, type, code or title.
func ruleIn(body []byte) string {
	var problem map[string]any
	if json.Unmarshal(body, &problem) != nil {
		return ""
	}
	for _, name := range []string{"rule", "type", "code", "title"} {
		if value, ok := problem[name].(string); ok && value != "" && value != "about:blank" {
			if len(value) > 120 {
				value = value[:120]
			}
			return clean(value)
		}
	}
	return ""
}

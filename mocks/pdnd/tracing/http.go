// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// maxPage is the largest limit of a list.
const maxPage = 50

// Register mounts the API below a prefix.
func (s *Service) Register(mux *http.ServeMux, prefix string) {
	mux.HandleFunc("POST "+prefix+"/tracings/submit", s.guard(s.postSubmit))
	mux.HandleFunc("GET "+prefix+"/tracings", s.guard(s.getTracings))
	mux.HandleFunc("GET "+prefix+"/tracings/{id}/errors", s.guard(s.getErrors))
	mux.HandleFunc("POST "+prefix+"/tracings/{id}/recover", s.guard(s.postAgain(Missing, Failed)))
	mux.HandleFunc("POST "+prefix+"/tracings/{id}/replace", s.guard(s.postAgain(Completed, Warning)))
	mux.HandleFunc("GET "+prefix+"/status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
}

// guard asks for a Bearer voucher of an API client and writes the answer.
func (s *Service) guard(run func(r *http.Request, tenantID string) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := rules.UUID(s.opts.Rand)
		if err != nil {
			http.Error(w, "no randomness", http.StatusInternalServerError)
			return
		}
		w.Header().Set("X-Correlation-Id", id)
		value, err := s.authorized(r, run)
		if err == nil {
			host.JSON(w, http.StatusOK, "application/json", value)
			return
		}
		var refused *refusal
		if !errors.As(err, &refused) {
			refused = &refusal{http.StatusInternalServerError, "GENERIC_ERROR", "Unexpected error"}
		}
		host.Refused(r.Context(), refused.Error())
		host.JSON(w, refused.status, "application/json", map[string]any{
			"type": "about:blank", "status": refused.status, "title": http.StatusText(refused.status), "correlationId": id,
			"detail": refused.detail, "errors": []map[string]string{{"code": refused.code, "detail": refused.detail}},
		})
	}
}

func (s *Service) authorized(r *http.Request, run func(r *http.Request, tenantID string) (any, error)) (any, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 || !strings.HasPrefix(values[0], "Bearer ") {
		return nil, &refusal{http.StatusUnauthorized, "UNAUTHORIZED", "Bearer token has not been passed"}
	}
	voucher, fault := s.opts.Verify(strings.TrimPrefix(values[0], "Bearer "), s.opts.Clock())
	if fault != nil {
		return nil, &refusal{http.StatusUnauthorized, "UNAUTHORIZED", "Invalid token"}
	}
	if id := r.PathValue("id"); id != "" && !rules.IsUUID(id) {
		return nil, invalid("tracingId is no UUID")
	}
	return run(r, voucher.TenantID)
}

func invalid(detail string) error {
	return &refusal{http.StatusBadRequest, "BAD_REQUEST", "Validation error: " + detail}
}

func (s *Service) postSubmit(r *http.Request, tenantID string) (any, error) {
	form, err := readForm(r)
	if err != nil {
		return nil, err
	}
	if _, err := time.Parse(day, form.date); err != nil {
		return nil, invalid("date is not YYYY-MM-DD")
	}
	id, earlier, err := s.submit(tenantID, form.date, form.file)
	if err != nil {
		return nil, err
	}
	return struct {
		ID     string `json:"tracingId"`
		Errors bool   `json:"errors"`
	}{id, earlier}, nil
}

func (s *Service) postAgain(states ...State) func(r *http.Request, tenantID string) (any, error) {
	return func(r *http.Request, tenantID string) (any, error) {
		form, err := readForm(r)
		if err != nil {
			return nil, err
		}
		if form.date != "" {
			return nil, invalid("unexpected field date")
		}
		id := r.PathValue("id")
		return map[string]string{"tracingId": id}, s.again(tenantID, id, form.file, states...)
	}
}

// uploaded is a form whose shape was accepted.
type uploaded struct {
	file []byte
	date string // empty when it was not sent
}

// readForm reads a multipart form of a file and, perhaps, a date.
func readForm(r *http.Request) (uploaded, error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		return uploaded{}, invalid("expected multipart/form-data")
	}
	var form uploaded
	var hasFile bool
	reader := multipart.NewReader(r.Body, params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return uploaded{}, invalid("malformed multipart body")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return uploaded{}, invalid("malformed multipart body")
		}
		switch {
		case part.FormName() == "file" && part.FileName() != "" && !hasFile:
			form.file, hasFile = content, true
		case part.FormName() == "date" && part.FileName() == "" && form.date == "":
			form.date = string(content)
		default:
			return uploaded{}, invalid("unexpected or repeated field")
		}
	}
	if !hasFile {
		return uploaded{}, invalid("file is required")
	}
	return form, nil
}

func (s *Service) getTracings(r *http.Request, tenantID string) (any, error) {
	q := r.URL.Query()
	var states []string
	if text := q.Get("states"); text != "" {
		states = strings.Split(text, ",")
	}
	for _, state := range states {
		if !slices.Contains([]State{Pending, Completed, Warning, Failed, Missing}, State(state)) {
			return nil, invalid("unknown state")
		}
	}
	type shown struct {
		ID    string `json:"tracingId"`
		Date  string `json:"date"`
		State State  `json:"state"`
	}
	list := []shown{}
	for _, t := range s.Tracings(tenantID) {
		if len(states) == 0 || slices.Contains(states, string(t.State)) {
			list = append(list, shown{t.ID, t.Date, t.State})
		}
	}
	return page(q, list)
}

func (s *Service) getErrors(r *http.Request, tenantID string) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	t := s.owned(tenantID, r.PathValue("id"))
	if t == nil {
		return nil, &refusal{http.StatusNotFound, "TRACING_NOT_FOUND", "Tracing by " + r.PathValue("id") + " not found"}
	}
	return page(r.URL.Query(), t.Errors)
}

// page cuts a list as offset and limit, both required, ask.
func page[T any](q url.Values, list []T) (any, error) {
	offset, errOffset := strconv.Atoi(q.Get("offset"))
	limit, errLimit := strconv.Atoi(q.Get("limit"))
	if errOffset != nil || errLimit != nil || offset < 0 || limit < 1 || limit > maxPage {
		return nil, invalid("offset must be at least 0 and limit from 1 to 50")
	}
	from := min(offset, len(list))
	results := append([]T{}, list[from:min(from+limit, len(list))]...)
	return struct {
		Results    []T `json:"results"`
		TotalCount int `json:"totalCount"`
	}{results, len(list)}, nil
}

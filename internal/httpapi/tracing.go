// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/tracing"
)

// TracingDesk makes the files of PDND Tracing and has them sent; *tracing.Desk is the one.
type TracingDesk interface {
	// Export makes the file of a day that is over.
	Export(ctx context.Context, ente, environment, day string) (tracing.File, error)
	// Submit has it sent and returns the job that does.
	Submit(ctx context.Context, ente, environment, day string) (job string, err error)
	// Days tells what became of the last days.
	Days(ctx context.Context, ente, environment string) (tracing.Overview, error)
}

// Headers of an exported file: how many entries of the evidence could not be counted, and its digest.
const (
	HeaderTracingLost   = "X-Snodo-Prove-Perse"
	HeaderTracingDigest = "X-Snodo-Sha256"
)

func (a *API) tracingStatus(c *gin.Context) {
	requestOf(c).operation = "tracing"
	out, err := a.Tracing.Days(c.Request.Context(), c.Param("ente"), c.Param("ambiente"))
	if err != nil {
		a.fail(c, a.tracingProblem(c, err))
		return
	}
	a.write(c, http.StatusOK, mediaJSON, out)
}

func (a *API) tracingExport(c *gin.Context) {
	requestOf(c).operation = "tracing file"
	file, err := a.Tracing.Export(c.Request.Context(), c.Param("ente"), c.Param("ambiente"), c.Param("giorno"))
	if err != nil {
		a.fail(c, a.tracingProblem(c, err))
		return
	}
	c.Header(HeaderTracingLost, strconv.FormatInt(file.Lost, 10))
	c.Header(HeaderTracingDigest, file.Digest)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", file.CSV)
}

func (a *API) tracingSubmit(c *gin.Context) {
	requestOf(c).operation = "tracing invio"
	job, err := a.Tracing.Submit(c.Request.Context(), c.Param("ente"), c.Param("ambiente"), c.Param("giorno"))
	if err != nil {
		a.fail(c, a.tracingProblem(c, err))
		return
	}
	a.write(c, http.StatusAccepted, mediaJSON, gin.H{"lavoro": job})
}

func (a *API) tracingProblem(c *gin.Context, err error) error {
	var other *tracing.OtherFileError
	switch {
	case errors.Is(err, tracing.ErrUnknown):
		return a.unknownEnte("path ente", c.Param("ente"))
	case errors.Is(err, tracing.ErrOff):
		return problem.New(problem.RuleTracingOff)
	case errors.Is(err, tracing.ErrDay):
		return problem.New(problem.RuleTracingDay)
	case errors.As(err, &other):
		return problem.Newf(problem.RuleTracingOtherFile,
			fmt.Sprintf("File %s, riga %d: %s.", other.File, other.Row.Line, other.Row.What),
			fmt.Sprintf("File %s, line %d: %s.", other.File, other.Row.Line, other.Row.What))
	default:
		return problem.New(problem.RuleEvidenceReading).Because(err)
	}
}

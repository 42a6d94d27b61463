// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import "github.com/snodo-pa/snodo/modi"

// Exposure holds the facts of an e-service the ente offers: recipes/exposes/<name>.yaml.
type Exposure struct {
	Name           string         `yaml:"name"`
	Title          modi.Text      `yaml:"title"`
	Major          int            `yaml:"major"`
	OpenAPI        string         `yaml:"openapi"` // file beside the recipe
	Patterns       RecipePatterns `yaml:"patterns"`
	Evidence       RecipeEvidence `yaml:"evidence"`
	ResponsePolicy string         `yaml:"responsePolicy"` // refuse | report: what to do with an answer that breaks the OpenAPI
	RequestHeaders []string       `yaml:"requestHeaders"` // allow-list towards the back end
	Quota          ExposureQuota  `yaml:"quota"`
	Guard          GuardSettings  `yaml:"guard"`
	ReplayAudit    bool           `yaml:"replayAudit"` // also treat tracking evidence as single use
	Lenient        []string       `yaml:"lenient"`     // departures from the guideline that callers are forgiven
	Document       []byte         `yaml:"-"`           // the OpenAPI file, read at load
}

// ExposureQuota are the default daily limits; 0 means none.
type ExposureQuota struct {
	PerConsumer int64 `yaml:"perConsumer"`
	Total       int64 `yaml:"total"`
}

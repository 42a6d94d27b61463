// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package admin

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
)

// EserviceSeed is a new e-service with its first version. A nil flag is left to the platform.
type EserviceSeed struct {
	Name                    string         `json:"name"`        // 5..60 characters
	Description             string         `json:"description"` // 10..400
	Technology              string         `json:"technology"`  // REST | SOAP
	Mode                    string         `json:"mode"`        // DELIVER | RECEIVE
	Descriptor              DescriptorSeed `json:"descriptor"`
	IsConsumerDelegable     *bool          `json:"isConsumerDelegable,omitempty"`
	IsClientAccessDelegable *bool          `json:"isClientAccessDelegable,omitempty"`
	IsSignalHubEnabled      *bool          `json:"isSignalHubEnabled,omitempty"`
	PersonalData            *bool          `json:"personalData,omitempty"` // must be said before publishing
}

// DescriptorSeed is a new version of an e-service.
type DescriptorSeed struct {
	Description             string   `json:"description,omitempty"` // 10..250
	Audience                []string `json:"audience"`
	VoucherLifespan         int64    `json:"voucherLifespan"` // seconds, 60..86400
	DailyCallsPerConsumer   int64    `json:"dailyCallsPerConsumer"`
	DailyCallsTotal         int64    `json:"dailyCallsTotal"`         // not below dailyCallsPerConsumer
	AgreementApprovalPolicy string   `json:"agreementApprovalPolicy"` // AUTOMATIC | MANUAL
}

// EservicePatch changes a draft; nil fields stay as they are.
type EservicePatch struct {
	Name                    *string `json:"name,omitempty"`
	Description             *string `json:"description,omitempty"`
	Technology              *string `json:"technology,omitempty"`
	Mode                    *string `json:"mode,omitempty"`
	IsConsumerDelegable     *bool   `json:"isConsumerDelegable,omitempty"`
	IsClientAccessDelegable *bool   `json:"isClientAccessDelegable,omitempty"`
	IsSignalHubEnabled      *bool   `json:"isSignalHubEnabled,omitempty"`
	PersonalData            *bool   `json:"personalData,omitempty"`
}

// DescriptorPatch changes a draft; nil fields stay as they are.
type DescriptorPatch struct {
	Description             *string  `json:"description,omitempty"`
	Audience                []string `json:"audience,omitempty"`
	VoucherLifespan         *int64   `json:"voucherLifespan,omitempty"`
	DailyCallsPerConsumer   *int64   `json:"dailyCallsPerConsumer,omitempty"`
	DailyCallsTotal         *int64   `json:"dailyCallsTotal,omitempty"`
	AgreementApprovalPolicy *string  `json:"agreementApprovalPolicy,omitempty"`
}

// Quotas is what may still change in a published descriptor; nil fields stay.
type Quotas struct {
	VoucherLifespan       *int64 `json:"voucherLifespan,omitempty"`
	DailyCallsPerConsumer *int64 `json:"dailyCallsPerConsumer,omitempty"`
	DailyCallsTotal       *int64 `json:"dailyCallsTotal,omitempty"`
}

// CreateEservice makes a draft with a first descriptor.
func (c *Client) CreateEservice(ctx context.Context, seed EserviceSeed) (api.Eservice, error) {
	return write[api.Eservice](ctx, c, http.MethodPost, "/eservices", seed)
}

// UpdateDraftEservice changes an e-service that was never published.
func (c *Client) UpdateDraftEservice(ctx context.Context, id string, change EservicePatch) (api.Eservice, error) {
	return write[api.Eservice](ctx, c, http.MethodPatch, api.Path("eservices", id), change)
}

// UpdateEserviceName renames a published e-service.
func (c *Client) UpdateEserviceName(ctx context.Context, id, name string) (api.Eservice, error) {
	return write[api.Eservice](ctx, c, http.MethodPatch, api.Path("eservices", id, "name"), EservicePatch{Name: &name})
}

// UpdateEserviceDescription changes the description of a published e-service.
func (c *Client) UpdateEserviceDescription(ctx context.Context, id, text string) (api.Eservice, error) {
	return write[api.Eservice](ctx, c, http.MethodPatch, api.Path("eservices", id, "description"), EservicePatch{Description: &text})
}

// UpdateEserviceDelegation changes what consumers of a published e-service may delegate; nil
// leaves a flag as it is.
func (c *Client) UpdateEserviceDelegation(ctx context.Context, id string, consumer, clientAccess *bool) (api.Eservice, error) {
	change := EservicePatch{IsConsumerDelegable: consumer, IsClientAccessDelegable: clientAccess}
	return write[api.Eservice](ctx, c, http.MethodPatch, api.Path("eservices", id, "delegation"), change)
}

// UpdateDraftDescriptor changes a version that was not published.
func (c *Client) UpdateDraftDescriptor(ctx context.Context, eserviceID, id string, change DescriptorPatch) (api.Descriptor, error) {
	return write[api.Descriptor](ctx, c, http.MethodPatch, api.Path("eservices", eserviceID, "descriptors", id), change)
}

// UpdateQuotas changes the quotas of a published version.
func (c *Client) UpdateQuotas(ctx context.Context, eserviceID, id string, q Quotas) (api.Descriptor, error) {
	return write[api.Descriptor](ctx, c, http.MethodPatch, api.Path("eservices", eserviceID, "descriptors", id, "quotas"), q)
}

// PublishDescriptor publishes a draft that has its interface, audience and personalData
// flag. Under a producer delegation it then waits for the delegator.
func (c *Client) PublishDescriptor(ctx context.Context, eserviceID, id string) (api.Descriptor, error) {
	return write[api.Descriptor](ctx, c, http.MethodPost, api.Path("eservices", eserviceID, "descriptors", id, "publish"), nil)
}

// UploadInterface gives a draft its interface (OpenAPI or WSDL, at most 3 MiB), out of which
// the platform reads the server URLs.
func (c *Client) UploadInterface(ctx context.Context, eserviceID, descriptorID string, f api.File) (api.Document, error) {
	var doc api.Document
	body, contentType, err := form(f)
	if err != nil {
		return doc, err
	}
	reply, err := c.platform.Call(ctx, c.credentials, pdnd.Request{
		Method: http.MethodPost, Path: interfacePath(eserviceID, descriptorID), Body: body, ContentType: contentType,
	})
	if err != nil {
		return doc, err
	}
	return doc, api.Decode(reply, &doc)
}

// DeleteInterface takes the interface off a draft.
func (c *Client) DeleteInterface(ctx context.Context, eserviceID, descriptorID string) error {
	return c.do(ctx, http.MethodDelete, interfacePath(eserviceID, descriptorID), nil)
}

func interfacePath(eserviceID, descriptorID string) string {
	return api.Path("eservices", eserviceID, "descriptors", descriptorID, "interface")
}

// form writes a file as the platform takes it: exactly the fields file and prettyName.
func form(f api.File) (body []byte, contentType string, err error) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "").Replace
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, quote(f.Name))},
		"Content-Type":        {f.ContentType},
	})
	if err == nil {
		_, err = part.Write(f.Content)
	}
	if err == nil {
		err = w.WriteField("prettyName", f.PrettyName)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, "", fmt.Errorf("form of a file: %w", err)
	}
	return out.Bytes(), w.FormDataContentType(), nil
}

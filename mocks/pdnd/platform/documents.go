// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// MaxInterface is how many bytes an interface file may have, in the sample configuration.
const MaxInterface = 3 << 20

// FileSeed is an uploaded file.
type FileSeed struct {
	Name, PrettyName, ContentType string
	Content                       []byte
}

func (p *Platform) document(s FileSeed) Document {
	return Document{
		ID: p.newID(), Name: s.Name, PrettyName: s.PrettyName, ContentType: s.ContentType,
		Content: s.Content, CreatedAt: p.clock(),
	}
}

// SetInterface gives a draft descriptor its interface: OpenAPI for REST, WSDL for SOAP.
// The server URLs are read out of it.
func (p *Platform) SetInterface(a Actor, eserviceID, id string, s FileSeed) (Document, error) {
	return act(p, func() (Document, error) {
		e, d, err := p.descriptorOwned(a, eserviceID, id, Draft)
		if err != nil {
			return Document{}, err
		}
		if d.Interface != nil {
			return Document{}, conflict(catalog, "0011", "Descriptor already contains an interface", "Descriptor %s already contains an interface", id)
		}
		if len(s.Content) > MaxInterface {
			return Document{}, refuse(http.StatusRequestEntityTooLarge, catalog, "10031", "Content too large", "The interface has more than %d bytes", MaxInterface)
		}
		urls, err := serverURLs(e, s.Content)
		if err != nil {
			return Document{}, err
		}
		doc := p.document(s)
		d.Interface, d.ServerURLs = &doc, urls
		p.emitEservice(e, id, "ESERVICE_DESCRIPTOR_INTERFACE_ADDED")
		return doc, nil
	})
}

// DeleteInterface takes the interface of a draft away.
func (p *Platform) DeleteInterface(a Actor, eserviceID, id string) error {
	return p.do(func() error {
		e, d, err := p.descriptorOwned(a, eserviceID, id, Draft)
		if err != nil {
			return err
		}
		if d.Interface == nil {
			return interfaceMissing(eserviceID, id)
		}
		d.Interface, d.ServerURLs = nil, nil
		p.emitEservice(e, id, "ESERVICE_DESCRIPTOR_INTERFACE_DELETED")
		return nil
	})
}

func interfaceMissing(eserviceID, id string) error {
	return refuse(http.StatusNotFound, "", "0019", "Eservice descriptor interface not found",
		"Interface for descriptor %s not found for eservice %s", id, eserviceID)
}

// Interface returns the interface of a descriptor.
func (p *Platform) Interface(a Actor, eserviceID, id string) (Document, error) {
	d, err := p.SeeDescriptor(a, eserviceID, id)
	if err != nil {
		return Document{}, err
	}
	if d.Interface == nil {
		return Document{}, interfaceMissing(eserviceID, id)
	}
	return *d.Interface, nil
}

// AddDocument attaches a document; its pretty name must be new to the descriptor.
func (p *Platform) AddDocument(a Actor, eserviceID, id string, s FileSeed) (Document, error) {
	return act(p, func() (Document, error) {
		e, d, err := p.descriptorOwned(a, eserviceID, id, Draft, Published, Suspended, Deprecated)
		if err != nil {
			return Document{}, err
		}
		if slices.ContainsFunc(d.Documents, func(o Document) bool { return strings.EqualFold(o.PrettyName, s.PrettyName) }) {
			return Document{}, conflict(catalog, "0020", "Duplicated prettyName", "A document with prettyName %s already exists in descriptor %s", s.PrettyName, id)
		}
		doc := p.document(s)
		d.Documents = append(slices.Clone(d.Documents), doc)
		p.emitEservice(e, id, "ESERVICE_DESCRIPTOR_DOCUMENT_ADDED")
		return doc, nil
	})
}

// AddCertifiedGroup adds a group of certified attributes to a draft, any of which will do.
func (p *Platform) AddCertifiedGroup(a Actor, eserviceID, id string, attributes []string) (Descriptor, error) {
	return act(p, func() (Descriptor, error) {
		e, d, err := p.descriptorOwned(a, eserviceID, id, Draft)
		if err != nil {
			return Descriptor{}, err
		}
		group := make([]Requirement, 0, len(attributes))
		for _, attributeID := range attributes {
			if p.attributes.get(attributeID) == nil {
				return Descriptor{}, badRequest(catalog, "0009", "Attribute not found", "Attribute %s not found", attributeID)
			}
			group = append(group, Requirement{AttributeID: attributeID})
		}
		d.CertifiedGroups = append(slices.Clone(d.CertifiedGroups), group)
		p.emitEservice(e, id, "ESERVICE_DRAFT_DESCRIPTOR_UPDATED")
		return *d, nil
	})
}

// serverURLs reads the addresses out of an interface.
func serverURLs(e *Eservice, content []byte) ([]string, error) {
	var urls []string
	var err error
	if e.Technology == "SOAP" {
		urls, err = wsdlURLs(e.ID, content)
	} else {
		urls, err = openapiURLs(e.ID, content)
	}
	if err != nil {
		return nil, err
	}
	for _, text := range urls {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, badRequest(catalog, "10026", "Invalid server URL", "Invalid server URL for eService %s", e.ID)
		}
	}
	return urls, nil
}

func unreadable(id string) error {
	return badRequest(catalog, "10010", "Invalid interface file detected", "The interface file for EService %s is invalid", id)
}

// openapiURLs reads `servers` of an OpenAPI 3 document, JSON or YAML. Of YAML it reads
// the block form that documents are written in, which is enough for a mock.
func openapiURLs(id string, content []byte) ([]string, error) {
	var urls []string
	trimmed := bytes.TrimSpace(content)
	if bytes.HasPrefix(trimmed, []byte("{")) {
		var doc struct {
			OpenAPI string `json:"openapi"`
			Servers []struct {
				URL string `json:"url"`
			} `json:"servers"`
		}
		if err := json.Unmarshal(trimmed, &doc); err != nil {
			return nil, unreadable(id)
		}
		if !strings.HasPrefix(doc.OpenAPI, "3.") {
			return nil, versionUnknown(id)
		}
		for _, server := range doc.Servers {
			urls = append(urls, server.URL)
		}
	} else {
		version := yamlVersion.FindSubmatch(content)
		if version == nil {
			return nil, unreadable(id)
		}
		if !bytes.HasPrefix(version[1], []byte("3.")) {
			return nil, versionUnknown(id)
		}
		urls = yamlServers(content)
	}
	if len(urls) == 0 {
		return nil, badRequest(catalog, "10012", "Error extracting interface info", "Error extracting server urls from the interface of EService %s", id)
	}
	return urls, nil
}

var (
	yamlVersion = regexp.MustCompile(`(?m)^(?:openapi|swagger):[ \t]*["']?([0-9.]+)`)
	yamlURL     = regexp.MustCompile(`^[ \t]*(?:-[ \t]+)?url:[ \t]*["']?([^"'\s#]+)`)
)

// yamlServers reads the url lines of the top-level servers block.
func yamlServers(content []byte) []string {
	var urls []string
	inside := false
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "servers:"):
			inside = true
		case line != "" && !strings.ContainsAny(line[:1], " \t-#"):
			inside = false
		case inside:
			if m := yamlURL.FindStringSubmatch(line); m != nil {
				urls = append(urls, m[1])
			}
		}
	}
	return urls
}

func versionUnknown(id string) error {
	return badRequest(catalog, "10011", "OpenAPI version not recognized", "OpenAPI version of EService %s is not recognized", id)
}

// wsdlURLs reads the location of every address element of a WSDL.
func wsdlURLs(id string, content []byte) ([]string, error) {
	var urls []string
	dec := xml.NewDecoder(bytes.NewReader(content))
	for {
		tok, err := dec.Token()
		if tok == nil {
			if err != nil && err.Error() != "EOF" {
				return nil, badRequest(catalog, "10016", "Error parsing SOAP file", "The interface file for EService %s is invalid", id)
			}
			break
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "address" {
			continue
		}
		for _, attr := range start.Attr {
			if attr.Name.Local == "location" {
				urls = append(urls, attr.Value)
			}
		}
	}
	if len(urls) == 0 {
		return nil, badRequest(catalog, "10017", "Error extracting field from SOAP file", "Error extracting address from the interface of EService %s", id)
	}
	return urls, nil
}

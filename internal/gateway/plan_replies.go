// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"fmt"
	"strings"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/schema"
)

// compileReplies finds for every operation whose answer comes later the public address of the operation, of the same ente,
// that receives it.
func compileReplies(c *config.Config) (map[string]string, error) {
	all := map[string]string{}
	paths := map[string]string{} // of the receiving operation, by exposes recipe
	for codice, ente := range c.Enti {
		for service := range ente.Consumes {
			recipe := c.Consumes[service]
			if recipe == nil {
				continue
			}
			for name, op := range recipe.Operations {
				if op.Interaction == nil {
					continue
				}
				callback := op.Interaction.Callback
				if err := receivingPath(c, callback, paths); err != nil {
					return nil, err
				}
				exposed := ente.Exposes[callback]
				if exposed == nil || paths[callback] == "" {
					return nil, unheard(codice, service, name)
				}
				all[codice+"/"+service+"/"+name] = strings.TrimSuffix(exposed.PublicURL, "/") + paths[callback]
			}
		}
	}
	return all, nil
}

// receivingPath notes the path of the operation of an exposes recipe that receives callbacks.
func receivingPath(c *config.Config, name string, into map[string]string) error {
	recipe := c.Exposes[name]
	if _, known := into[name]; known || recipe == nil || recipe.Receiver() == "" {
		return nil
	}
	document, err := schema.Compile(recipe.Document)
	if err != nil {
		return err
	}
	for _, op := range document.Operations() {
		if op.ID == recipe.Receiver() {
			into[name] = op.Template
		}
	}
	return nil
}

// unheard is a fault of the configuration that its check refuses: an answer that nobody would receive.
func unheard(ente, service, operation string) error {
	return fmt.Errorf("ente %s: recipe %s, operation %s: interaction.callback is not an exposed e-service that receives", ente, service, operation)
}

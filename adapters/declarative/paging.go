// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/pick"
)

// allPages asks for one page after the other and gives the first answer with the items
// of all. A list longer than the recipe allows is refused: half an answer looks whole.
func (r *run) allPages(ctx context.Context, start answered) (registry.Reply, answered, error) {
	p := r.pages
	m, err := r.build(ctx, r.first, start)
	if err != nil {
		return registry.Reply{}, answered{}, err
	}
	if p.Size != nil && p.Size.Param != "" {
		m.query.Set(p.Size.Param, strconv.Itoa(p.Size.Value))
	}
	items := []any{}
	place, named := p.first()
	asked := map[string]bool{}
	for n := range p.MaxPages {
		if named {
			m.query.Set(p.Param, place)
		}
		m.call.Path = m.target()
		reply, got, page, err := r.onePage(ctx, m.call)
		if err != nil {
			return reply, got, err
		}
		items = append(items, page...)
		asked[place] = true
		place, named, err = p.following(got, n, len(page), len(items))
		switch {
		case err != nil:
			return reply, got, r.badReply(reply, err)
		case !named:
			got.body, err = p.join(got.body, items)
			return reply, got, err
		case asked[place]:
			return reply, got, r.badReply(reply, errors.New("the pages lead back to one that was there"))
		}
	}
	return registry.Reply{}, answered{}, r.badReply(registry.Reply{}, errors.New("the answer has more pages than the recipe allows"))
}

// onePage asks for one page. Each must be about who was asked for; one without items may
// be an answer that the recipe knows as none.
func (r *run) onePage(ctx context.Context, call registry.Call) (registry.Reply, answered, []any, error) {
	reply, err := r.do(ctx, call)
	if err != nil {
		return reply, answered{}, nil, err
	}
	got, err := r.read(reply, true)
	if err != nil {
		return reply, got, nil, err
	}
	list, _ := r.pages.items.Get(got.body)
	page, ok := list.([]any)
	if !ok {
		if err := r.failed(reply, got); err != nil {
			return reply, got, nil, err
		}
		return reply, got, nil, r.badReply(reply, &misplaced{r.pages.Items, errNotList})
	}
	return reply, got, page, r.checkSame(reply, got)
}

// first is the name of the first page; by cursor it has none.
func (p *pages) first() (place string, named bool) {
	if p.By == registry.PageByCursor {
		return "", false
	}
	return strconv.FormatInt(p.Start, 10), true
}

// following is the name of the page after the nth, which held some of all the items so
// far; named is false after the last.
func (p *pages) following(got answered, n, page, all int) (place string, named bool, err error) {
	more := slices.Contains(p.More, got.status)
	if len(p.More) > 0 && !more {
		return "", false, nil
	}
	if p.By == registry.PageByCursor {
		return p.cursor(got.body, more)
	}
	switch {
	case page == 0 && more:
		return "", false, errors.New("an empty page says that there are more")
	case page == 0, !more && page < p.Size.Value:
		return "", false, nil
	case p.By == registry.PageByOffset:
		return strconv.FormatInt(p.Start+int64(all), 10), true, nil
	default:
		return strconv.FormatInt(p.Start+int64(n)+1, 10), true, nil
	}
}

// cursor reads the name of the next page; must tells that the status promised one.
func (p *pages) cursor(body any, must bool) (place string, named bool, err error) {
	v, ok := p.next.Get(body)
	place, isText := pick.Text(v)
	switch {
	case ok && !isText:
		return "", false, &misplaced{p.Next, errNotText}
	case place == "" && must:
		return "", false, &misplaced{p.Next, errAbsent}
	default:
		return place, place != "", nil
	}
}

// join puts the items of all the pages into the body of the last.
func (p *pages) join(body any, items []any) (any, error) {
	if len(p.items) == 0 {
		return items, nil
	}
	parent, ok := p.items[:len(p.items)-1].Get(body)
	object, isObject := parent.(map[string]any)
	if !ok || !isObject {
		return nil, &misplaced{p.Items, errNotList}
	}
	object[p.items[len(p.items)-1]] = items
	return body, nil
}

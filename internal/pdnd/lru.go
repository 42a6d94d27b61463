// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"container/list"
	"sync"
)

// lru is a bounded map that forgets what was used least recently. It is safe for
// concurrent use.
type lru[V any] struct {
	mu    sync.Mutex
	max   int
	order *list.List // front: used last
	items map[string]*list.Element
}

type lruItem[V any] struct {
	key   string
	value V
}

func newLRU[V any](limit int) *lru[V] {
	return &lru[V]{max: limit, order: list.New(), items: make(map[string]*list.Element)}
}

func (l *lru[V]) get(key string) (V, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.items[key]
	if !ok {
		var none V
		return none, false
	}
	l.order.MoveToFront(e)
	return l.item(e).value, true
}

func (l *lru[V]) put(key string, value V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set(key, value)
}

// update replaces what is held under key by change's first result, unless its second
// is false. held is the zero value when nothing is.
func (l *lru[V]) update(key string, change func(held V, found bool) (V, bool)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var held V
	e, found := l.items[key]
	if found {
		held = l.item(e).value
	}
	if value, ok := change(held, found); ok {
		l.set(key, value)
	}
}

func (l *lru[V]) set(key string, value V) {
	if e, ok := l.items[key]; ok {
		l.item(e).value = value
		l.order.MoveToFront(e)
		return
	}
	l.items[key] = l.order.PushFront(&lruItem[V]{key, value})
	if l.order.Len() > l.max {
		l.drop(l.order.Back())
	}
}

// removeIf forgets key when what is held under it matches.
func (l *lru[V]) removeIf(key string, match func(V) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.items[key]; ok && match(l.item(e).value) {
		l.drop(e)
	}
}

// removeAll forgets every key that matches.
func (l *lru[V]) removeAll(match func(key string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, e := range l.items {
		if match(key) {
			l.drop(e)
		}
	}
}

func (l *lru[V]) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.order.Init()
	clear(l.items)
}

func (l *lru[V]) drop(e *list.Element) {
	delete(l.items, l.item(e).key)
	l.order.Remove(e)
}

// item reads an element; every element of the list is put there by set.
func (l *lru[V]) item(e *list.Element) *lruItem[V] {
	item, _ := e.Value.(*lruItem[V])
	return item
}

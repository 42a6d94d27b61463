// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// socket is a Unix socket under the path it was moved to.
type socket struct {
	*net.UnixListener
	path string
	once sync.Once
	err  error
}

// Addr is the path that clients open.
func (s *socket) Addr() net.Addr { return &net.UnixAddr{Name: s.path, Net: "unix"} }

// Close closes the listener and removes its path, once.
func (s *socket) Close() error {
	s.once.Do(func() {
		gone := os.Remove(s.path)
		if errors.Is(gone, fs.ErrNotExist) {
			gone = nil
		}
		s.err = errors.Join(gone, s.UnixListener.Close())
	})
	return s.err
}

// openSocket opens a Unix socket that only the hub's own user may open, at every moment: it is made in a folder of its
// own that nobody else may enter, narrowed there and then moved into place. It takes the place of the socket that a
// killed process left; a path that is not a socket, or where somebody still answers, is left alone.
func openSocket(ctx context.Context, path string) (net.Listener, error) {
	parent := filepath.Dir(path)
	info, err := os.Stat(parent)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o002 != 0 {
		return nil, fmt.Errorf("every user may write in %s: choose a folder for the socket that others cannot write in", parent)
	}
	if err := freeForSocket(ctx, path); err != nil {
		return nil, err
	}
	private, err := os.MkdirTemp(parent, ".s") // mode 0700
	if err != nil {
		return nil, err
	}
	inner, err := bindSocket(ctx, filepath.Join(private, "s"), path)
	if err := errors.Join(err, os.RemoveAll(private)); err != nil {
		if inner != nil {
			err = errors.Join(err, inner.Close())
		}
		return nil, err
	}
	return inner, nil
}

// bindSocket listens at one path and moves the socket to another.
func bindSocket(ctx context.Context, made, path string) (*socket, error) {
	inner, err := new(net.ListenConfig).Listen(ctx, "unix", made)
	if err != nil {
		return nil, err
	}
	unix, ok := inner.(*net.UnixListener)
	if !ok {
		return nil, errors.Join(errors.New("not a Unix socket"), inner.Close())
	}
	unix.SetUnlinkOnClose(false) // the path it knows is not where it stays
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, path)); err != nil {
		return nil, errors.Join(err, unix.Close())
	}
	return &socket{UnixListener: unix, path: path}, nil
}

func freeForSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s exists and is not a socket", path)
	}
	if c, err := new(net.Dialer).DialContext(ctx, "unix", path); err == nil {
		return errors.Join(fmt.Errorf("%s is in use by another process", path), c.Close())
	}
	return nil
}

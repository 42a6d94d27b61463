// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

//go:build unix

package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// startCluster makes a cluster in a new folder and runs it until the test ends. It listens on a socket in that folder
// only.
func startCluster(t *testing.T, bin string) *Cluster {
	t.Helper()
	// Not t.TempDir: the path of a socket is at most about 100 bytes long.
	dir, err := os.MkdirTemp("", "snodo-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := unprivileged(t, dir)
	data := filepath.Join(dir, "data")
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	initdb := command(ctx, as, dir, filepath.Join(bin, "initdb"),
		"-D", data, "-U", "snodo", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	// The server outlives t.Context, which ends before the cleanups that still need it.
	server := command(context.Background(), as, dir, filepath.Join(bin, "postgres"),
		"-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the server has its own copy
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatalf("postgres: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait() // stopped by a signal: how it ended does not matter
		close(ended)
	}()
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT) // immediate shutdown, the data is thrown away
		<-ended
	})
	dsn := url.URL{Scheme: "postgres", User: url.User("snodo"), Path: "/postgres", RawQuery: url.Values{"host": {dir}}.Encode()}
	c := &Cluster{dsn: dsn.String()}
	if err := c.wait(ctx, ended); err != nil {
		text, _ := os.ReadFile(log.Name()) // only to explain the failure
		t.Fatalf("postgres: %v\n%s", err, text)
	}
	return c
}

// wait polls until the server answers.
func (c *Cluster) wait(ctx context.Context, ended <-chan struct{}) error {
	db, err := open(c.dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for db.PingContext(ctx) != nil {
		select {
		case <-poll.C:
		case <-ended:
			return fmt.Errorf("the server ended")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// unprivileged returns the user to run PostgreSQL as, nil for the current one: it refuses to run as root. The folder
// is given to that user.
func unprivileged(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 != nil || err2 != nil {
			continue
		}
		if err := os.Chown(dir, int(uid), int(gid)); err != nil {
			t.Fatal(err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	t.Fatal("running as root, and neither user postgres nor user nobody exists")
	return nil
}

func command(ctx context.Context, as *syscall.Credential, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+dir)
	cmd.SysProcAttr = processAttributes(as)
	return cmd
}

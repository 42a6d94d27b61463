// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pgtest

import "syscall"

// processAttributes makes the server end when the test binary is killed. The signal follows the thread that started
// the server; Go keeps the threads of unlocked goroutines.
func processAttributes(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGQUIT}
}

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// runInner is the node's first process: it makes the node's own view of the machine, starts the daemons, buries the
// processes that nobody waits for, and ends, and with it all others, when a daemon ends.
func runInner(file string) error {
	config, err := readConfig(file)
	if err != nil {
		return err
	}
	if err := prepareMounts(config); err != nil {
		return fmt.Errorf("prepare mounts: %w", err)
	}
	if err := prepareNetwork(config); err != nil {
		return fmt.Errorf("prepare network: %w", err)
	}
	daemons := map[int]string{}
	for _, daemon := range config.Daemons {
		pid, err := start(daemon, config)
		if err != nil {
			return fmt.Errorf("start %s: %w", daemon.Name, err)
		}
		daemons[pid] = daemon.Name
		if err := awaitSocket(daemon, daemons); err != nil {
			return err
		}
	}
	for {
		name, status, err := reap(daemons, 0)
		if err != nil {
			return err
		}
		if name != "" {
			return fmt.Errorf("%s %s", name, describe(status))
		}
	}
}

func start(daemon Daemon, config Config) (int, error) {
	log, err := os.OpenFile(daemon.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	return syscall.ForkExec(daemon.Args[0], daemon.Args, &syscall.ProcAttr{
		Dir:   runDir,
		Env:   config.Environment,
		Files: []uintptr{null.Fd(), log.Fd(), log.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
}

const socketTimeout = 30 * time.Second

// awaitSocket waits until the daemon listens on its socket: the next ones end where they find nobody.
func awaitSocket(daemon Daemon, daemons map[int]string) error {
	if daemon.Socket == "" {
		return nil
	}
	deadline := time.Now().Add(socketTimeout)
	for {
		connection, err := net.Dial("unix", daemon.Socket)
		if err == nil {
			return connection.Close()
		}
		name, status, reapError := reap(daemons, unix.WNOHANG)
		if reapError != nil {
			return reapError
		}
		if name != "" {
			return fmt.Errorf("%s %s", name, describe(status))
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s did not listen within %s: %w", daemon.Name, socketTimeout, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// reap waits for the end of any process; the name is that of a daemon, else empty.
func reap(daemons map[int]string, options int) (string, unix.WaitStatus, error) {
	var status unix.WaitStatus
	for {
		pid, err := unix.Wait4(-1, &status, options, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return "", status, fmt.Errorf("wait: %w", err)
		}
		return daemons[pid], status, nil
	}
}

func describe(status unix.WaitStatus) string {
	if status.Signaled() {
		return fmt.Sprintf("was ended by %s", status.Signal())
	}
	return fmt.Sprintf("ended with code %d", status.ExitStatus())
}

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// innerMode is the argument with which the launcher starts itself as the node's first process.
const innerMode = "inner"

const namespaces = unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP

// run starts the node and stays until it ends. However it ends, no process, mount, interface or cgroup of it is left:
// the kernel ends the processes with the first one, and namespaces with their last process.
func run(file string) error {
	config, err := readConfig(file)
	if err != nil {
		return err
	}
	stop := stopRequests()
	node, err := startNode(config, file)
	if err != nil {
		return clean(config, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- node.Wait() }()
	network, err := serveNetwork(config, node.Process.Pid)
	if err != nil {
		_ = node.Process.Kill()
		<-ended
		return clean(config, err)
	}
	defer network.close()
	select {
	case <-stop:
		_ = node.Process.Kill()
		<-ended
		return clean(config, nil)
	case err := <-ended:
		return clean(config, fmt.Errorf("the node ended: %w", err))
	}
}

// clean removes the cgroups after `cause`, and says both where both are wrong.
func clean(config Config, cause error) error {
	if err := cleanCgroups(config.Dir); err != nil {
		return errors.Join(cause, fmt.Errorf("cgroups stay: %w", err))
	}
	return cause
}

// stopRequests yields once: for a signal, or for the end of the supervisor, who holds our standard input.
func stopRequests() <-chan struct{} {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(closed)
	}()
	stop := make(chan struct{})
	go func() {
		select {
		case <-signals:
		case <-closed:
		}
		close(stop)
	}()
	return stop
}

// startNode starts the first process in namespaces of its own. It inherits the cgroups of the launcher, which is in the
// node's for just that moment.
func startNode(config Config, file string) (*exec.Cmd, error) {
	all, err := hierarchies()
	if err != nil {
		return nil, err
	}
	own, err := createCgroups(config.Dir, all)
	if err != nil {
		return nil, fmt.Errorf("create cgroups: %w", err)
	}
	if err := own.enter(); err != nil {
		// Those that it has entered couldn't be removed.
		return nil, errors.Join(fmt.Errorf("enter cgroups: %w", err), own.leave())
	}
	node := exec.Command("/proc/self/exe", innerMode, file)
	node.Stdout, node.Stderr = os.Stdout, os.Stderr
	node.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: unix.SIGKILL, Setsid: true}
	started := node.Start()
	if err := own.leave(); err != nil && started == nil {
		_ = node.Process.Kill()
		_ = node.Wait()
		return nil, fmt.Errorf("leave cgroups: %w", err)
	}
	if started != nil {
		return nil, fmt.Errorf("start in namespaces of its own: %w", started)
	}
	return node, nil
}

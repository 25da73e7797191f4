// The launcher gives a Kubernetes node namespaces and cgroups of its own on this machine, and ends it without a trace.
//
//	launcher run <config.json>     start the node; end it at SIGTERM, or when standard input is closed
//	launcher clean <folder>        remove what a killed launcher could not: the cgroups that the folder names
//	launcher keys <folder>         make the certificate with which an API server calls a kubelet
//
// The supervisor holds the other end of standard input: a supervisor that is killed ends the node, too.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func init() {
	// The kernel ends the node when the thread that started it ends, so that has to be the main one, which doesn't.
	runtime.LockOSThread()
}

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func command(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: launcher run|clean|keys <path>")
	}
	switch args[0] {
	case "run":
		return run(args[1])
	case "clean":
		return cleanCgroups(args[1])
	case "keys":
		return writeKeys(args[1])
	case innerMode:
		return runInner(args[1])
	}
	return fmt.Errorf("there is no launcher %s", args[0])
}

// The application in the pods of a real node: it stands for any service of the Crypto OMS.
//
//	app            serve, as the environment says
//	app pause      hold a pod's namespaces, as the pause image does
//	app client     send steady requests and hold WebSockets, and count what fails
//	curl           (a link to it) ask another service
//
// Environment of a service: ASPNETCORE_URLS (where to listen; without it the service is a worker that only logs),
// every variable whose value is an http:// URL (a service that it calls every few seconds), and APP_BEHAVIOR (how it
// misbehaves; an image's tag sets it) with APP_AFTER (a duration such as 5s).
package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	if filepath.Base(os.Args[0]) == "curl" {
		os.Exit(runCurl(os.Args[1:]))
	}
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	var err error
	switch mode {
	case "pause":
		pause()
	case "client":
		err = runClient(os.Args[2:])
	case "":
		err = runService()
	default:
		err = fmt.Errorf("there is no app %s", mode)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fatal:", err)
		os.Exit(1)
	}
}

// pause waits for its end, and buries the processes of a pod that share its process namespace.
func pause() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}

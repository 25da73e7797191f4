package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// Config is what the supervisor wants to run.
type Config struct {
	// Dir holds everything of the node; the launcher keeps the names of its cgroups there.
	Dir string `json:"dir"`
	// Folders of the machine that the daemons see below /run, by their names there: paths of theirs begin with that.
	Folders map[string]string `json:"folders"`
	// Name is the node's host name.
	Name string `json:"name"`
	// Address is the node's own, on its loopback interface.
	Address string `json:"address"`
	// ServiceRange are the addresses of Services, which only rules of kube-proxy lead anywhere.
	ServiceRange string `json:"serviceRange"`
	// Inside are the ranges that the proxy dials from within the node; all else it dials from the machine.
	Inside []string `json:"inside"`
	// Proxy is the Unix socket where the API server asks for connections to the node, its pods and Services (HTTP CONNECT).
	Proxy string `json:"proxy"`
	// Relays lead from addresses inside to addresses of the machine.
	Relays []Relay `json:"relays"`
	// Daemons start in this order.
	Daemons []Daemon `json:"daemons"`
	// Environment of all daemons.
	Environment []string `json:"environment"`
}

// Relay accepts connections inside the node and leads them to an address of the machine.
type Relay struct {
	Listen string `json:"listen"`
	Target string `json:"target"`
}

// Daemon is a program that runs in the node for as long as the node does.
type Daemon struct {
	Name string   `json:"name"`
	Args []string `json:"args"`
	// Log is the file for its output, as the node sees it.
	Log string `json:"log"`
	// Socket is a Unix socket that it opens when it is ready for the ones after it; may be empty.
	Socket string `json:"socket"`
}

func readConfig(file string) (Config, error) {
	var config Config
	text, err := os.ReadFile(file)
	if err != nil {
		return config, err
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return config, fmt.Errorf("%s: %w", file, err)
	}
	return config, nil
}

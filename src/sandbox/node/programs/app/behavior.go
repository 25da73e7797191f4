package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// behavior is how a service misbehaves; the words are those of the simulated pods.
type behavior struct {
	word    string
	after   time.Duration
	started time.Time
}

// How long after its start a service misbehaves, unless APP_AFTER says otherwise.
var usualDelay = map[string]time.Duration{
	"crash":         600 * time.Millisecond,
	"late-crash":    5 * time.Second,
	"oom":           600 * time.Millisecond,
	"slow-ready":    10 * time.Second,
	"unready-later": 4 * time.Second,
}

func readBehavior() behavior {
	word := os.Getenv("APP_BEHAVIOR")
	after := usualDelay[word]
	if given, err := time.ParseDuration(os.Getenv("APP_AFTER")); err == nil {
		after = given
	}
	return behavior{word: word, after: after, started: time.Now()}
}

var errUnhandled = errors.New("Unhandled exception: the service can't go on")

// atStart does what is to be done before the service serves, and plans what comes later. What fails at its start never
// answers a probe.
func (b behavior) atStart() error {
	switch b.word {
	case "crash":
		time.Sleep(b.after)
		return errUnhandled
	case "late-crash":
		time.AfterFunc(b.after, func() {
			fmt.Fprintln(os.Stderr, "fatal:", errUnhandled)
			os.Exit(1)
		})
	case "oom":
		time.Sleep(b.after)
		takeMemory()
	case "bad-config":
		return errors.New("configuration refused: Kafka__BootstrapServers is not a list of host:port")
	case "writes-root":
		if err := os.WriteFile("/cache.db", []byte("cache"), 0o600); err != nil {
			return fmt.Errorf("create the cache: %w", err)
		}
	}
	return nil
}

// notReady is why the service isn't ready; empty where it is.
func (b behavior) notReady() string {
	passed := time.Since(b.started) >= b.after
	switch {
	case b.word == "never-ready":
		return "Unhealthy"
	case b.word == "slow-ready" && !passed:
		return "Starting"
	case b.word == "unready-later" && passed:
		return "Unhealthy"
	}
	return ""
}

const block = 8 << 20

// takeMemory goes on until the kernel ends the process at the container's limit.
func takeMemory() {
	var kept [][]byte
	for {
		taken := make([]byte, block)
		for index := 0; index < block; index += 4096 {
			taken[index] = 1
		}
		kept = append(kept, taken)
		time.Sleep(10 * time.Millisecond)
		if len(kept)%64 == 0 {
			say("info", "memory", "mebibytes", fmt.Sprint(len(kept)*block>>20))
		}
	}
}

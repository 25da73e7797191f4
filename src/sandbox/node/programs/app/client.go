package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

// counts are what a client has seen so far.
type counts struct {
	Requests int `json:"requests"`
	Failed   int `json:"failed"`
	Streams  int `json:"streams"`
	Ticks    int `json:"ticks"`
	GoneAway int `json:"goneAway"`
	Broken   int `json:"broken"`
	// Problems are the first of what went wrong, in words.
	Problems []string `json:"problems"`
}

const keptProblems = 20

type client struct {
	mutex sync.Mutex
	seen  counts
}

// runClient sends a request to each URL again and again, on connections of their own and on kept ones by turns, and
// holds a WebSocket to each ws:// URL. It writes its counts every second, and a last time when it is told to end.
func runClient(args []string) error {
	flags := flag.NewFlagSet("client", flag.ContinueOnError)
	every := flags.Duration("every", 20*time.Millisecond, "time between two requests to a URL")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	c := &client{}
	var running sync.WaitGroup
	for _, url := range flags.Args() {
		work := func() { c.request(ended, url, *every) }
		if strings.HasPrefix(url, "ws://") {
			work = func() { c.hold(ended, url) }
		}
		running.Add(1)
		go func() {
			defer running.Done()
			work()
		}()
	}
	go c.report(ended)
	<-ended.Done()
	running.Wait()
	c.write()
	return nil
}

func (c *client) report(ended context.Context) {
	for ended.Err() == nil {
		c.write()
		time.Sleep(time.Second)
	}
}

func (c *client) write() {
	c.mutex.Lock()
	text, _ := json.Marshal(c.seen)
	c.mutex.Unlock()
	fmt.Fprintln(os.Stdout, string(text))
}

func (c *client) note(change func(seen *counts), problem string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	change(&c.seen)
	if problem != "" && len(c.seen.Problems) < keptProblems {
		c.seen.Problems = append(c.seen.Problems, time.Now().UTC().Format("15:04:05.000 ")+problem)
	}
}

const requestTimeout = 5 * time.Second

func (c *client) request(ended context.Context, url string, every time.Duration) {
	kept := &http.Client{Timeout: requestTimeout, Transport: &http.Transport{}}
	fresh := &http.Client{Timeout: requestTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for number := 0; ; number++ {
		select {
		case <-ended.Done():
			return
		case <-ticks.C:
		}
		sender := kept
		if number%2 == 1 {
			sender = fresh
		}
		problem := get(sender, url)
		c.note(func(seen *counts) {
			seen.Requests++
			if problem != "" {
				seen.Failed++
			}
		}, problem)
	}
}

func get(sender *http.Client, url string) string {
	response, err := sender.Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return url + ": " + err.Error()
	}
	if response.StatusCode != http.StatusOK {
		return url + ": " + response.Status
	}
	return ""
}

// hold reads a stream, and opens the next one where the service went away as it should. Any other end is a failure.
func (c *client) hold(ended context.Context, url string) {
	for ended.Err() == nil {
		connection, _, err := websocket.Dial(ended, url, nil)
		if err != nil {
			c.broken(ended, url, err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		c.note(func(seen *counts) { seen.Streams++ }, "")
		err = c.read(ended, connection)
		var closed websocket.CloseError
		if errors.As(err, &closed) && closed.Code == websocket.StatusGoingAway {
			c.note(func(seen *counts) { seen.GoneAway++ }, "")
			continue
		}
		c.broken(ended, url, err)
	}
}

func (c *client) broken(ended context.Context, url string, err error) {
	if ended.Err() == nil {
		c.note(func(seen *counts) { seen.Broken++ }, fmt.Sprintf("%s: %s", url, err))
	}
}

// silence is how long a stream that ticks every second may say nothing.
const silence = 5 * time.Second

func (c *client) read(ended context.Context, connection *websocket.Conn) error {
	defer connection.CloseNow()
	for {
		bounded, cancel := context.WithTimeout(ended, silence)
		_, _, err := connection.Read(bounded)
		cancel()
		if err != nil {
			return err
		}
		c.note(func(seen *counts) { seen.Ticks++ }, "")
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

const (
	callEvery = 2 * time.Second
	tickEvery = time.Second
	// drainTimeout is .NET's own, HostOptions.ShutdownTimeout: after it, requests are cut.
	drainTimeout = 30 * time.Second
)

type service struct {
	name     string
	behavior behavior
	// draining ends when the service has been told to end.
	draining context.Context
	// streams are the WebSockets: a server that shuts down doesn't know those.
	streams sync.WaitGroup
}

func runService() error {
	draining, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	s := &service{name: host, behavior: readBehavior(), draining: draining}
	if err := s.behavior.atStart(); err != nil {
		return err
	}
	calls := calledServices(os.Environ())
	say("info", "started", "host", host, "calls", strings.Join(calls, " "))
	for _, url := range calls {
		go s.call(url)
	}
	urls := os.Getenv("ASPNETCORE_URLS")
	if urls == "" {
		<-draining.Done()
		say("info", "stopped")
		return nil
	}
	return s.serve(portOf(urls))
}

// portOf reads `http://+:80`.
func portOf(urls string) string {
	return urls[strings.LastIndex(urls, ":")+1:]
}

func (s *service) serve(port string) error {
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /health", s.health)
	routes.HandleFunc("GET /ready", s.ready)
	routes.HandleFunc("GET /ws/", s.stream)
	routes.HandleFunc("GET /{$}", s.health)
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	say("info", "listening", "port", port)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-s.draining.Done():
	}
	say("info", "draining")
	bounded, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	err = server.Shutdown(bounded)
	s.streams.Wait()
	say("info", "stopped")
	return err
}

func (s *service) health(response http.ResponseWriter, _ *http.Request) {
	s.answer(response, http.StatusOK, "Healthy")
}

func (s *service) ready(response http.ResponseWriter, _ *http.Request) {
	if why := s.behavior.notReady(); why != "" {
		s.answer(response, http.StatusServiceUnavailable, why)
		return
	}
	s.answer(response, http.StatusOK, "Healthy")
}

func (s *service) answer(response http.ResponseWriter, status int, word string) {
	response.Header().Set("Content-Type", "application/json")
	response.WriteHeader(status)
	_ = json.NewEncoder(response).Encode(map[string]string{"status": word, "host": s.name})
}

// stream echoes what comes and sends a tick a second. A service that ends says "going away" (1001): clients of market
// data connect again, to another pod.
func (s *service) stream(response http.ResponseWriter, request *http.Request) {
	s.streams.Add(1)
	defer s.streams.Done()
	connection, err := websocket.Accept(response, request, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer connection.CloseNow()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			kind, text, err := connection.Read(context.Background())
			if err != nil || connection.Write(context.Background(), kind, text) != nil {
				return
			}
		}
	}()
	ticks := time.NewTicker(tickEvery)
	defer ticks.Stop()
	for number := 1; ; number++ {
		select {
		case <-ended:
			return
		case <-s.draining.Done():
			_ = connection.Close(websocket.StatusGoingAway, "the service ends")
			return
		case <-ticks.C:
			text := fmt.Sprintf(`{"tick":%d,"host":%q}`, number, s.name)
			if connection.Write(context.Background(), websocket.MessageText, []byte(text)) != nil {
				return
			}
		}
	}
}

// calledServices are the distinct http:// URLs in the environment, but the one to listen on.
func calledServices(environment []string) []string {
	seen := map[string]bool{}
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		if name != "ASPNETCORE_URLS" && strings.HasPrefix(value, "http://") {
			seen[strings.TrimSuffix(value, "/")] = true
		}
	}
	urls := make([]string, 0, len(seen))
	for url := range seen {
		urls = append(urls, url)
	}
	sort.Strings(urls)
	return urls
}

// call asks a service for its health again and again, and logs when the answer changes.
func (s *service) call(url string) {
	client := &http.Client{Timeout: callEvery}
	last := ""
	for s.draining.Err() == nil {
		if now := ask(client, url+"/health"); now != last {
			say("info", "called", "url", url, "answer", now)
			last = now
		}
		time.Sleep(callEvery)
	}
}

func ask(client *http.Client, url string) string {
	response, err := client.Get(url)
	var failure net.Error
	if errors.As(err, &failure) && failure.Timeout() {
		return "no answer in time"
	}
	if err != nil {
		return err.Error()
	}
	_ = response.Body.Close()
	return response.Status
}

// say writes a line of JSON, as the services' own logger does.
func say(level, message string, pairs ...string) {
	line := map[string]string{"time": time.Now().UTC().Format(time.RFC3339Nano), "level": level, "message": message}
	for index := 0; index+1 < len(pairs); index += 2 {
		line[pairs[index]] = pairs[index+1]
	}
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

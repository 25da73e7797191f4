package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// prepareNetwork gives the node its address and leads the addresses of Services into its own rules.
func prepareNetwork(config Config) error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(loopback); err != nil {
		return err
	}
	address, err := netlink.ParseAddr(config.Address + "/32")
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(loopback, address); err != nil {
		return err
	}
	_, services, err := net.ParseCIDR(config.ServiceRange)
	if err != nil {
		return err
	}
	route := &netlink.Route{LinkIndex: loopback.Attrs().Index, Dst: services, Scope: netlink.SCOPE_LINK}
	if err := netlink.RouteAdd(route); err != nil {
		return err
	}
	// Of this network namespace alone.
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644)
}

// network is all that leads from the machine into the node and back.
type network struct {
	listeners []net.Listener
	machine   *os.File
	node      *os.File
	inside    []netip.Prefix
}

// serveNetwork opens the relays and the proxy. A socket belongs to the namespace in which it was made, whoever uses it
// later: so they are made by a thread that visits the node's namespace.
func serveNetwork(config Config, pid int) (*network, error) {
	result := &network{}
	if err := result.open(config, pid); err != nil {
		result.close()
		return nil, err
	}
	return result, nil
}

func (n *network) open(config Config, pid int) error {
	var err error
	if n.machine, err = os.Open("/proc/thread-self/ns/net"); err != nil {
		return err
	}
	if n.node, err = os.Open(fmt.Sprintf("/proc/%d/ns/net", pid)); err != nil {
		return err
	}
	for _, text := range config.Inside {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return err
		}
		n.inside = append(n.inside, prefix)
	}
	for _, relay := range config.Relays {
		listener, err := n.listenInside(relay.Listen)
		if err != nil {
			return fmt.Errorf("relay %s: %w", relay.Listen, err)
		}
		n.listeners = append(n.listeners, listener)
		go accept(listener, relay.Target)
	}
	proxy, err := net.Listen("unix", config.Proxy)
	if err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	n.listeners = append(n.listeners, proxy)
	go n.serveProxy(proxy)
	return nil
}

func (n *network) close() {
	for _, listener := range n.listeners {
		_ = listener.Close()
	}
	for _, file := range []*os.File{n.machine, n.node} {
		if file != nil {
			_ = file.Close()
		}
	}
}

// visit runs `work` in the node's network namespace.
func (n *network) visit(work func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(n.node.Fd()), unix.CLONE_NEWNET); err != nil {
			runtime.UnlockOSThread()
			done <- err
			return
		}
		err := work()
		// A thread that can't come back is not unlocked: it ends with this function.
		if back := unix.Setns(int(n.machine.Fd()), unix.CLONE_NEWNET); back == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// insideTimeout is how long a relay waits for the node's address, which its first process sets when it starts.
const insideTimeout = 10 * time.Second

func (n *network) listenInside(address string) (net.Listener, error) {
	deadline := time.Now().Add(insideTimeout)
	for {
		var listener net.Listener
		err := n.visit(func() error {
			var err error
			listener, err = net.Listen("tcp", address)
			return err
		})
		if err == nil || !errors.Is(err, unix.EADDRNOTAVAIL) || time.Now().After(deadline) {
			return listener, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

const dialTimeout = 10 * time.Second

func (n *network) dial(address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !n.isInside(host) {
		return net.DialTimeout("tcp", address, dialTimeout)
	}
	var connection net.Conn
	err = n.visit(func() error {
		// One address and no name: nothing is looked up, and the socket is made by this very thread.
		var err error
		connection, err = (&net.Dialer{Timeout: dialTimeout}).DialContext(context.Background(), "tcp", address)
		return err
	})
	return connection, err
}

func (n *network) isInside(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, prefix := range n.inside {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

func accept(listener net.Listener, target string) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			to, err := net.DialTimeout("tcp", target, dialTimeout)
			if err != nil {
				_ = from.Close()
				return
			}
			join(from, from, to)
		}()
	}
}

// serveProxy answers HTTP CONNECT, the way an API server asks for connections into a cluster's network.
func (n *network) serveProxy(listener net.Listener) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		go n.connect(from)
	}
}

func (n *network) connect(from net.Conn) {
	reader := bufio.NewReader(from)
	request, err := http.ReadRequest(reader)
	if err != nil || request.Method != http.MethodConnect {
		_, _ = io.WriteString(from, "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
		_ = from.Close()
		return
	}
	to, err := n.dial(request.Host)
	if err != nil {
		_, _ = fmt.Fprintf(from, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: %d\r\n\r\n%s", len(err.Error()), err)
		_ = from.Close()
		return
	}
	if _, err := io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		_ = from.Close()
		_ = to.Close()
		return
	}
	join(from, reader, to)
}

// join copies both ways; each end of a direction is passed on, and both connections are closed after the second.
func join(from net.Conn, fromReader io.Reader, to net.Conn) {
	done := make(chan struct{}, 2)
	copyTo := func(writer net.Conn, reader io.Reader) {
		_, _ = io.Copy(writer, reader)
		if half, ok := writer.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		done <- struct{}{}
	}
	go copyTo(to, fromReader)
	go copyTo(from, to)
	<-done
	<-done
	_ = from.Close()
	_ = to.Close()
}

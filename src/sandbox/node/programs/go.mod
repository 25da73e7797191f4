// What starts a real node, and the application in its pods.
module oms-deploy.io/sandbox/node/programs

go 1.26.8

require (
	github.com/coder/websocket v1.8.15
	github.com/vishvananda/netlink v1.3.1
	golang.org/x/sys v0.50.0
)

require github.com/vishvananda/netns v0.0.5 // indirect

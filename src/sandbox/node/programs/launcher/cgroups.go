package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	cgroupRoot = "/sys/fs/cgroup"
	// cgroupList is the file, below the node's folder, that names its cgroups, a folder in a line.
	cgroupList = "cgroups"
)

// hierarchy is one of cgroup v1: `cpu,cpuacct`, or `name=systemd`.
type hierarchy struct {
	controllers string
	// path of the caller's cgroup in it
	path string
}

// folder is the name of its mount below /sys/fs/cgroup.
func (h hierarchy) folder() string { return strings.TrimPrefix(h.controllers, "name=") }

// hierarchies reads /proc/self/cgroup; the unified one (v2) has no controllers and is left out.
func hierarchies() ([]hierarchy, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	var found []hierarchy
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		parts := strings.SplitN(line, ":", 3)
		if len(parts) == 3 && parts[1] != "" {
			found = append(found, hierarchy{controllers: parts[1], path: parts[2]})
		}
	}
	return found, nil
}

// cgroups are the node's own, one in each hierarchy, below those of the launcher.
type cgroups struct {
	parents []string
	own     []string
}

// createCgroups makes them and writes them down first: whatever is made is found again by cleanCgroups.
func createCgroups(dir string, all []hierarchy) (cgroups, error) {
	suffix := make([]byte, 6)
	if _, err := rand.Read(suffix); err != nil {
		return cgroups{}, err
	}
	name := "oms-deploy-" + hex.EncodeToString(suffix)
	var made cgroups
	for _, one := range all {
		parent := filepath.Join(cgroupRoot, one.folder(), one.path)
		made.parents = append(made.parents, parent)
		made.own = append(made.own, filepath.Join(parent, name))
	}
	list := strings.Join(made.own, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(dir, cgroupList), []byte(list), 0o600); err != nil {
		return made, err
	}
	for index, own := range made.own {
		if err := os.Mkdir(own, 0o755); err != nil {
			return made, err
		}
		if err := inheritCpuset(made.parents[index], own); err != nil {
			return made, err
		}
	}
	return made, nil
}

// inheritCpuset copies what a new cpuset lacks: a process can't enter one without processors and memory.
func inheritCpuset(parent, own string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(parent, file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(own, file), value, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// enter moves this process into its own cgroups, and leave back into the ones it came from.
func (c cgroups) enter() error { return moveTo(c.own) }
func (c cgroups) leave() error { return moveTo(c.parents) }

func moveTo(folders []string) error {
	for _, folder := range folders {
		if err := os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// removeTimeout is how long processes that were killed may take to leave their cgroups.
const removeTimeout = 10 * time.Second

// cleanCgroups removes all cgroups that the folder names, with those below them; nothing else is touched.
func cleanCgroups(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, cgroupList))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var failed []error
	for _, own := range strings.Fields(string(text)) {
		if strings.HasPrefix(own, cgroupRoot+"/") && strings.HasPrefix(filepath.Base(own), "oms-deploy-") {
			failed = append(failed, removeCgroup(own))
		}
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return os.Remove(filepath.Join(dir, cgroupList))
}

// removeCgroup removes one with those below it, the deepest first. The kernel refuses while a process is in it.
func removeCgroup(own string) error {
	deadline := time.Now().Add(removeTimeout)
	for {
		err := removeFolders(own)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func removeFolders(own string) error {
	var folders []string
	err := filepath.WalkDir(own, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			folders = append(folders, path)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	sort.Slice(folders, func(a, b int) bool { return len(folders[a]) > len(folders[b]) })
	for _, folder := range folders {
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove cgroup: %w", err)
		}
	}
	return nil
}

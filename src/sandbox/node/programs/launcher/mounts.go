package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// runDir is covered in the node, and holds what it needs to see.
const runDir = "/run"

// prepareMounts changes the node's view of the file system, and of nothing else: it runs in a mount namespace.
func prepareMounts(config Config) error {
	// Nothing that is mounted here reaches the machine; within the node, mounts of a container's volume do propagate.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return fmt.Errorf("make mounts shared: %w", err)
	}
	all, err := hierarchies()
	if err != nil {
		return err
	}
	steps := []func() error{
		func() error { return mount("proc", "/proc", "proc", "") },
		func() error { return mountRun(config) },
		fixSysctls,
		func() error { return mount("sysfs", "/sys", "sysfs", "") },
		func() error { return mountCgroups(all) },
		func() error { return cover("/var") },
		func() error { return cover("/etc") },
		func() error { return writeNames(config) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// mountRun covers /run and shows the node's folders there. They are opened before: they may be below what is covered,
// here or later.
func mountRun(config Config) error {
	opened := map[string]*os.File{}
	for name, path := range config.Folders {
		folder, err := os.OpenFile(path, unix.O_PATH|unix.O_DIRECTORY, 0)
		if err != nil {
			return err
		}
		defer folder.Close()
		opened[name] = folder
	}
	if err := mount("tmpfs", runDir, "tmpfs", "mode=755"); err != nil {
		return err
	}
	for name, folder := range opened {
		target := filepath.Join(runDir, name)
		if err := os.Mkdir(target, 0o755); err != nil {
			return err
		}
		source := fmt.Sprintf("/proc/self/fd/%d", folder.Fd())
		if err := unix.Mount(source, target, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("show %s at %s: %w", config.Folders[name], target, err)
		}
	}
	return nil
}

func mount(source, target, kind, data string) error {
	if err := unix.Mount(source, target, kind, 0, data); err != nil {
		return fmt.Errorf("mount %s: %w", target, err)
	}
	return nil
}

// What a kubelet wants of the kernel. It writes the machine's values where they are others, so it must find these.
var sysctls = map[string]string{
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/keys/root_maxbytes": "25000000",
}

// fixSysctls puts a file of ours over each of them: what is written there changes that file alone.
func fixSysctls() error {
	dir := filepath.Join(runDir, "sysctl")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, value := range sysctls {
		target := filepath.Join("/proc/sys", name)
		if _, err := os.Stat(target); os.IsNotExist(err) {
			continue
		}
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "."))
		if err := os.WriteFile(file, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := unix.Mount(file, target, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("cover %s: %w", target, err)
		}
	}
	return nil
}

// mountCgroups mounts every hierarchy again: in a cgroup namespace its root is the node's own cgroup.
func mountCgroups(all []hierarchy) error {
	if err := mount("tmpfs", cgroupRoot, "tmpfs", "mode=755"); err != nil {
		return err
	}
	for _, one := range all {
		target := filepath.Join(cgroupRoot, one.folder())
		if err := os.Mkdir(target, 0o755); err != nil {
			return err
		}
		options := one.controllers
		if strings.HasPrefix(options, "name=") {
			options = "none," + options
		}
		if err := mount("cgroup", target, "cgroup", options); err != nil {
			return err
		}
		if err := linkControllers(one); err != nil {
			return err
		}
	}
	return nil
}

// linkControllers makes `cpu` lead to `cpu,cpuacct` where two share a hierarchy.
func linkControllers(one hierarchy) error {
	names := strings.Split(one.controllers, ",")
	if len(names) == 1 {
		return nil
	}
	for _, name := range names {
		if err := os.Symlink(one.folder(), filepath.Join(cgroupRoot, name)); err != nil {
			return err
		}
	}
	return nil
}

// cover lets the node write to a folder of the machine without changing it: what it writes is in memory.
func cover(target string) error {
	base := filepath.Join(runDir, "cover", target)
	upper, work := filepath.Join(base, "upper"), filepath.Join(base, "work")
	for _, dir := range []string{upper, work} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return mount("overlay", target, "overlay", fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", target, upper, work))
}

// writeNames gives the node its name, and takes away what the machine's own resolver says.
func writeNames(config Config) error {
	if err := unix.Sethostname([]byte(config.Name)); err != nil {
		return err
	}
	files := map[string]string{
		"/etc/hostname":    config.Name + "\n",
		"/etc/hosts":       fmt.Sprintf("127.0.0.1 localhost\n%s %s\n", config.Address, config.Name),
		"/etc/resolv.conf": fmt.Sprintf("nameserver %s\n", config.Address),
	}
	for file, text := range files {
		// May be a link into a folder that is covered.
		if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

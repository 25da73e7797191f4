// image puts the application into a registry, under the names that it is given. A tag that is the word of a behaviour
// makes it misbehave.
//
//	image <registry's URL> <program> <busybox> <repository:tag>...
//
// It writes a line for each: the name, a blank, and the digest of its manifest.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
)

func main() {
	if len(os.Args) < 5 {
		fmt.Fprintln(os.Stderr, "usage: image <registry's URL> <program> <busybox> <repository:tag>...")
		os.Exit(2)
	}
	if err := publish(os.Args[1], os.Args[2], os.Args[3], os.Args[4:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func publish(registry, program, busybox string, names []string) error {
	layer, err := layerOf(program, busybox)
	if err != nil {
		return err
	}
	for _, name := range names {
		repository, tag, found := strings.Cut(name, ":")
		if !found {
			return fmt.Errorf("%s has no tag", name)
		}
		digest, err := push(registry+"/v2/"+repository, repository, tag, layer)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Println(name, digest)
	}
	return nil
}

// blob is a part of an image.
type blob struct {
	mediaType string
	content   []byte
	// diffID is the digest of a layer before it was compressed.
	diffID string
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (b blob) descriptor() map[string]any {
	return map[string]any{"mediaType": b.mediaType, "digest": digestOf(b.content), "size": len(b.content)}
}

// layerOf holds the program, the user that it runs as, a shell for those who look into a container, and nothing else.
// The same programs make the same bytes.
func layerOf(program, busybox string) (blob, error) {
	text, err := os.ReadFile(program)
	if err != nil {
		return blob{}, err
	}
	shell, err := os.ReadFile(busybox)
	if err != nil {
		return blob{}, err
	}
	var plain bytes.Buffer
	archive := tar.NewWriter(&plain)
	files := []struct {
		header tar.Header
		text   []byte
	}{
		{tar.Header{Name: "app", Mode: 0o755}, text},
		{tar.Header{Name: "bin/", Mode: 0o755, Typeflag: tar.TypeDir}, nil},
		{tar.Header{Name: "bin/busybox", Mode: 0o755}, shell},
		{tar.Header{Name: "bin/sh", Linkname: "busybox", Typeflag: tar.TypeSymlink, Mode: 0o777}, nil},
		{tar.Header{Name: "bin/curl", Linkname: "/app", Typeflag: tar.TypeSymlink, Mode: 0o777}, nil},
		{tar.Header{Name: "etc/", Mode: 0o755, Typeflag: tar.TypeDir}, nil},
		{tar.Header{Name: "etc/passwd", Mode: 0o644}, []byte("root:x:0:0::/:\napp:x:1654:1654::/:\n")},
		{tar.Header{Name: "etc/group", Mode: 0o644}, []byte("root:x:0:\napp:x:1654:\n")},
		{tar.Header{Name: "tmp/", Mode: 0o1777, Typeflag: tar.TypeDir}, nil},
	}
	for _, file := range files {
		file.header.Size = int64(len(file.text))
		if err := archive.WriteHeader(&file.header); err != nil {
			return blob{}, err
		}
		if _, err := archive.Write(file.text); err != nil {
			return blob{}, err
		}
	}
	if err := archive.Close(); err != nil {
		return blob{}, err
	}
	var packed bytes.Buffer
	compressed := gzip.NewWriter(&packed)
	if _, err := compressed.Write(plain.Bytes()); err != nil {
		return blob{}, err
	}
	if err := compressed.Close(); err != nil {
		return blob{}, err
	}
	const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip"
	return blob{mediaType: mediaType, content: packed.Bytes(), diffID: digestOf(plain.Bytes())}, nil
}

const manifestType = "application/vnd.oci.image.manifest.v1+json"

// push sends what the registry doesn't have yet, and then the manifest under the tag.
func push(target, title, tag string, layer blob) (string, error) {
	config, err := configOf(title, tag, layer)
	if err != nil {
		return "", err
	}
	for _, part := range []blob{layer, config} {
		if err := pushBlob(target, part); err != nil {
			return "", err
		}
	}
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2,
		"mediaType":     manifestType,
		"config":        config.descriptor(),
		"layers":        []any{layer.descriptor()},
	})
	if err != nil {
		return "", err
	}
	_, err = send(http.MethodPut, target+"/manifests/"+tag, manifestType, manifest, http.StatusCreated)
	return digestOf(manifest), err
}

// entrypointOf is what a container runs; an image whose program is missing is built on purpose.
func entrypointOf(tag string) []string {
	switch tag {
	case "start-error":
		return []string{"/missing"}
	case "pause":
		return []string{"/app", "pause"}
	}
	return []string{"/app"}
}

// configOf says whose image it is: two services never share a digest, as in life.
func configOf(title, tag string, layer blob) (blob, error) {
	content, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config": map[string]any{
			"User":       "1654:1654",
			"Entrypoint": entrypointOf(tag),
			"Env":        []string{"PATH=/bin", "APP_BEHAVIOR=" + tag},
			"Labels":     map[string]string{"org.opencontainers.image.title": title},
		},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{layer.diffID}},
	})
	return blob{mediaType: "application/vnd.oci.image.config.v1+json", content: content}, err
}

func pushBlob(repository string, part blob) error {
	digest := digestOf(part.content)
	known, err := http.Head(repository + "/blobs/" + digest)
	if err != nil {
		return err
	}
	_ = known.Body.Close()
	if known.StatusCode == http.StatusOK {
		return nil
	}
	started, err := send(http.MethodPost, repository+"/blobs/uploads/", "", nil, http.StatusAccepted)
	if err != nil {
		return err
	}
	location, err := url.Parse(started.Get("Location"))
	if err != nil {
		return err
	}
	query := location.Query()
	query.Set("digest", digest)
	location.RawQuery = query.Encode()
	_, err = send(http.MethodPut, location.String(), "application/octet-stream", part.content, http.StatusCreated)
	return err
}

func send(method, target, contentType string, body []byte, wanted int) (http.Header, error) {
	request, err := http.NewRequest(method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != wanted {
		why, _ := io.ReadAll(io.LimitReader(response.Body, 500))
		return nil, fmt.Errorf("%s %s: %s %s", method, target, response.Status, why)
	}
	return response.Header, nil
}

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// A sandbox is for trying; nobody keeps one for longer.
const keysLifetime = 365 * 24 * time.Hour

// writeKeys writes kubelet-ca.crt, which a kubelet trusts, and kubelet-client.crt and .key, with which an API server
// calls it as a member of system:masters. The authority's own key is thrown away.
func writeKeys(dir string) error {
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authority := certificate(1, pkix.Name{CommonName: "oms-deploy-sandbox"})
	authority.IsCA, authority.BasicConstraintsValid = true, true
	authority.KeyUsage = x509.KeyUsageCertSign
	clientKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	client := certificate(2, pkix.Name{CommonName: "kube-apiserver", Organization: []string{"system:masters"}})
	client.KeyUsage = x509.KeyUsageDigitalSignature
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	signed := func(template *x509.Certificate, public *ecdsa.PublicKey) ([]byte, error) {
		return x509.CreateCertificate(rand.Reader, template, authority, public, authorityKey)
	}
	authorityDER, err := signed(authority, &authorityKey.PublicKey)
	if err != nil {
		return err
	}
	clientDER, err := signed(client, &clientKey.PublicKey)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalECPrivateKey(clientKey)
	if err != nil {
		return err
	}
	files := []struct {
		name, kind string
		der        []byte
	}{
		{"kubelet-ca.crt", "CERTIFICATE", authorityDER},
		{"kubelet-client.crt", "CERTIFICATE", clientDER},
		{"kubelet-client.key", "EC PRIVATE KEY", keyDER},
	}
	for _, file := range files {
		text := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.der})
		if err := os.WriteFile(filepath.Join(dir, file.name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func certificate(serial int64, subject pkix.Name) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      subject,
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(keysLifetime),
	}
}

//go:build unix

package cluster_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
)

// A guard has a server ask for something, and is what the environment has then.
type guard struct {
	name  string
	guard func(t *testing.T, o *server.Options) map[string]string
	wrong map[string]string // what changes of the environment: "" takes a variable out
	why   string            // of the refusal
}

var guards = []guard{
	{"token", func(_ *testing.T, o *server.Options) map[string]string {
		o.Authorization = "s3cret"
		return map[string]string{"NATS_TOKEN": "s3cret"}
	}, map[string]string{"NATS_TOKEN": "other"}, "nats: Authorization Violation"},
	{"user", func(_ *testing.T, o *server.Options) map[string]string {
		o.Username, o.Password = "me", "s3cret"
		return map[string]string{"NATS_USER": "me", "NATS_PASSWORD": "s3cret"}
	}, map[string]string{"NATS_PASSWORD": "other"}, "nats: Authorization Violation"},
	{"nkey", func(t *testing.T, o *server.Options) map[string]string {
		pair := made(nkeys.CreateUser())(t)
		o.Nkeys = []*server.NkeyUser{{Nkey: made(pair.PublicKey())(t)}}
		return map[string]string{"NATS_NKEY": kept(t, "seed", made(pair.Seed())(t))}
	}, map[string]string{"NATS_NKEY": ""}, "nats: Authorization Violation: want a URL with a token"},
	{"credentials", credentials, map[string]string{"NATS_CREDS": ""}, "nats: "},
	{"TLS of both", func(t *testing.T, o *server.Options) map[string]string {
		ca, cert, key := certificates(t)
		pair := made(tls.LoadX509KeyPair(cert, key))(t)
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(made(os.ReadFile(ca))(t))
		o.TLS, o.TLSVerify = true, true
		o.TLSConfig = &tls.Config{
			Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
			MinVersion: tls.VersionTLS12,
		}
		return map[string]string{"NATS_CA": ca, "NATS_CERT": cert, "NATS_KEY": key}
	}, map[string]string{"NATS_CA": ""}, "certificate signed by unknown authority"},
}

// made is a value that could be made.
func made[V any](v V, err error) func(*testing.T) V {
	return func(t *testing.T) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// kept writes a file and returns its name.
func kept(t *testing.T, name string, text []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// credentials has the server trust an operator, whose account has a user.
func credentials(t *testing.T, o *server.Options) map[string]string {
	operator, account := made(nkeys.CreateOperator())(t), made(nkeys.CreateAccount())(t)
	system, user := made(nkeys.CreateAccount())(t), made(nkeys.CreateUser())(t)
	public := func(k nkeys.KeyPair) string { return made(k.PublicKey())(t) }
	trusted := jwt.NewOperatorClaims(public(operator))
	trusted.SystemAccount = public(system)
	o.TrustedOperators = []*jwt.OperatorClaims{trusted}
	o.SystemAccount = public(system)
	accounts := &server.MemAccResolver{}
	for _, k := range []nkeys.KeyPair{account, system} {
		claims := jwt.NewAccountClaims(public(k))
		if k == account {
			const all = jwt.NoLimit
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{
				MemoryStorage: all, DiskStorage: all, Streams: all, Consumer: all,
			}
		}
		if err := accounts.Store(public(k), made(claims.Encode(operator))(t)); err != nil {
			t.Fatal(err)
		}
	}
	o.AccountResolver = accounts
	token := made(jwt.NewUserClaims(public(user)).Encode(account))(t)
	text := made(jwt.FormatUserConfig(token, made(user.Seed())(t)))(t)
	return map[string]string{"NATS_CREDS": kept(t, "user.creds", text)}
}

// certificates writes the certificate of an authority, and one for the server
// and its clients, with its key.
func certificates(t *testing.T) (ca, cert, key string) {
	pair := made(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "node"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	write := func(name, kind string, der []byte) string {
		return kept(t, name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	sign := func(c *x509.Certificate) []byte {
		return made(x509.CreateCertificate(rand.Reader, c, root, &pair.PublicKey, pair))(t)
	}
	return write("ca.pem", "CERTIFICATE", sign(root)), write("cert.pem", "CERTIFICATE", sign(leaf)),
		write("key.pem", "PRIVATE KEY", made(x509.MarshalPKCS8PrivateKey(pair))(t))
}

// TestAccess wants a worker and a coordinator to be let in by what the
// environment has, and to say why without it.
func TestAccess(t *testing.T) {
	for _, g := range guards {
		t.Run(g.name, func(t *testing.T) {
			o := &server.Options{
				Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(),
				NoLog: true, NoSigs: true,
			}
			env := g.guard(t, o)
			s := made(server.NewServer(o))(t)
			s.Start()
			t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
			if !s.ReadyForConnections(patience) {
				t.Fatal("the server is not ready")
			}
			url := "nats://" + s.Addr().String()
			options := made(cluster.Access(func(name string) string { return env[name] }))(t)
			work, leave := context.WithCancel(t.Context())
			left := make(chan error, 1)
			go func() {
				left <- cluster.Work(work, cluster.WorkerConfig{
					URL: url, Slots: 1, Definitions: []executor.Definition{double}, Options: options,
				})
			}()
			ex := made(cluster.New(cluster.Config{URL: url, Slots: 1, Options: options, Patience: patience}))(t)
			if v, err := double.Submit(t.Context(), ex, 4).Result(reach(t)); v != 8 || err != nil {
				t.Errorf("got %d, %v", v, err)
			}
			if err := ex.Shutdown(reach(t)); err != nil {
				t.Error(err)
			}
			leave()
			if err := <-left; err != nil {
				t.Error(err)
			}
			wrong := made(cluster.Access(func(name string) string {
				if v, is := g.wrong[name]; is {
					return v
				}
				return env[name]
			}))(t)
			_, err := cluster.New(cluster.Config{URL: url, Options: wrong})
			if err == nil || !strings.Contains(err.Error(), url) || !strings.Contains(err.Error(), g.why) {
				t.Errorf("got error %v, want the server and %s", err, g.why)
			}
		})
	}
}

// TestAccessRefused wants what cannot be meant to be named.
func TestAccessRefused(t *testing.T) {
	file := kept(t, "file", []byte("no key"))
	const none = "/none/a: no such file or directory"
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"NATS_CREDS": "/none/a"}, "NATS_CREDS: open " + none},
		{map[string]string{"NATS_NKEY": "/none/a"}, "NATS_NKEY: open " + none},
		{map[string]string{"NATS_NKEY": file}, "NATS_NKEY: "},
		{map[string]string{"NATS_CA": "/none/a"}, "NATS_CA: open " + none},
		{map[string]string{"NATS_CERT": file}, "NATS_CERT is set and NATS_KEY is not: want both"},
		{map[string]string{"NATS_KEY": file}, "NATS_KEY is set and NATS_CERT is not: want both"},
		{map[string]string{"NATS_KEY": "/none/a", "NATS_CERT": file}, "NATS_KEY: open " + none},
		{map[string]string{"NATS_KEY": file, "NATS_CERT": "/none/a"}, "NATS_CERT: open " + none},
		{map[string]string{"NATS_USER": "me"}, "NATS_USER is set and NATS_PASSWORD is not: want both"},
		{map[string]string{"NATS_PASSWORD": "x"}, "NATS_PASSWORD is set and NATS_USER is not: want both"},
		{
			map[string]string{"NATS_TOKEN": "x", "NATS_CREDS": file},
			"NATS_CREDS and NATS_TOKEN are both set: want one way to be let in",
		},
	} {
		_, err := cluster.Access(func(name string) string { return tt.env[name] })
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %s", tt.env, err, tt.want)
		}
	}
	if options, err := cluster.Access(func(string) string { return "" }); options != nil || err != nil {
		t.Errorf("of nothing: got %v, %v", options, err)
	}
}

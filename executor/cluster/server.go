package cluster

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// An embedded is a NATS server in this process, which listens at no port.
type embedded struct {
	*server.Server
	folder string
}

// startServer starts a server. Its folder stays empty but for what the server
// notes of itself: the streams are in memory.
func startServer() (*embedded, error) {
	folder, err := os.MkdirTemp("", "teapot-nats-")
	if err != nil {
		return nil, err
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "teapot", DontListen: true, JetStream: true, StoreDir: folder, NoLog: true, NoSigs: true,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server in this process: %w", err), os.RemoveAll(folder))
	}
	s.Start()
	e := &embedded{s, folder}
	if !s.ReadyForConnections(30 * time.Second) {
		return nil, errors.Join(errors.New("the server in this process is not ready after 30s"), e.stop())
	}
	return e, nil
}

// stop ends the server, and returns when nothing of it is left.
func (e *embedded) stop() error {
	e.Shutdown()
	e.WaitForShutdown()
	return os.RemoveAll(e.folder)
}

// connect connects to a server. A connection that is lost later is made again,
// for as long as it takes.
func connect(urls, name string, options []nats.Option, more ...nats.Option) (*nats.Conn, error) {
	all := []nats.Option{
		nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2),
		// an error that no call returns shows itself by what does not happen
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	nc, err := nats.Connect(urls, append(append(all, options...), more...)...)
	if errors.Is(err, nats.ErrAuthorization) {
		err = fmt.Errorf("%w: want a URL with a token or user:password in front of the host, or %s, %s, %s or %s in "+
			"the environment", err, variableCreds, variableNKey, variableToken, variableUser)
	}
	if errors.Is(err, nats.ErrNoServers) {
		err = fmt.Errorf("%w: want the URL of a NATS server that runs, such as nats://host:4222", err)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot connect to %s: %w", Redacted(urls), err)
	}
	return nc, nil
}

// Redacted returns URLs without the passwords in them, for messages.
func Redacted(urls string) string {
	all := strings.Split(urls, ",")
	for i, one := range all {
		if u, err := url.Parse(strings.TrimSpace(one)); err == nil {
			all[i] = u.Redacted()
		}
	}
	return strings.Join(all, ",")
}

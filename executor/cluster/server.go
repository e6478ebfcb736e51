package cluster

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
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

package cluster

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// A Conn is a connection to a NATS server. One that is lost is made again, for
// as long as it takes. A server refuses what an account may not do without an
// answer, and so the connection remembers it.
type Conn struct {
	*nats.Conn

	mu     sync.Mutex
	denied string // what the server has refused last, or ""
}

// Connect connects to a server, or to one of several, whose URLs have commas
// between them. name is for the server's operators. denied, if not nil, is told
// what the server refuses, once for each in a row.
func Connect(urls, name string, denied func(what string), options ...nats.Option) (*Conn, error) {
	c := &Conn{}
	all := []nats.Option{
		nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			// another error shows itself by what does not happen
			if errors.Is(err, nats.ErrPermissionViolation) && c.isNew(err) && denied != nil {
				denied(c.denial())
			}
		}),
	}
	var err error
	c.Conn, err = nats.Connect(urls, append(all, options...)...)
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
	return c, nil
}

// isNew notes what the server refuses, and reports whether that is something
// else than before.
func (c *Conn) isNew(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.denied
	c.denied = strings.TrimPrefix(err.Error(), nats.ErrPermissionViolation.Error()+": ")
	return c.denied != was
}

// denial returns what the server has refused last, as a sentence, or "".
func (c *Conn) denial() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.denied == "" {
		return ""
	}
	return "the server refuses: " + c.denied
}

// Explain returns an error with what the server has refused last to the
// connection, if it has refused something, and else the error itself. c may be
// nil.
func (c *Conn) Explain(err error) error {
	if c == nil || err == nil {
		return err
	}
	if denial := c.denial(); denial != "" {
		return fmt.Errorf("%w; %s", err, denial)
	}
	return err
}

// Redacted returns URLs without the passwords and the tokens in them, for
// messages.
func Redacted(urls string) string {
	all := strings.Split(urls, ",")
	for i, one := range all {
		if !strings.Contains(one, "@") {
			continue
		}
		if one = strings.TrimSpace(one); !strings.Contains(one, "://") {
			one = "nats://" + one // as the client of NATS reads it
		}
		u, err := url.Parse(one)
		if err != nil {
			all[i] = "URL"
			continue
		}
		if _, is := u.User.Password(); u.User != nil && !is { // a token
			u.User = url.User("xxxxx")
		}
		all[i] = u.Redacted()
	}
	return strings.Join(all, ",")
}

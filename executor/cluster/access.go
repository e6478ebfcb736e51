package cluster

import (
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
)

// Variables of the environment that say how to be let in by a NATS server. They
// are those of the command nats: a program that has them for one has them for
// the other.
const (
	variableCreds    = "NATS_CREDS"    // a file with a JWT and the seed of its key
	variableNKey     = "NATS_NKEY"     // a file with the seed of a key
	variableToken    = "NATS_TOKEN"    // the token itself
	variableUser     = "NATS_USER"     // the name itself
	variablePassword = "NATS_PASSWORD" // the password itself
	variableCA       = "NATS_CA"       // a file with the certificates to trust
	variableCert     = "NATS_CERT"     // a file with the certificate of the client
	variableKey      = "NATS_KEY"      // a file with its key
)

// Access returns the options of a connection that the environment asks for, for
// Config.Options and WorkerConfig.Options. getenv is [os.Getenv] or a stand-in.
// NATS_CREDS, NATS_NKEY, NATS_CA, NATS_CERT and NATS_KEY name files;
// NATS_TOKEN, NATS_USER and NATS_PASSWORD are what they say. What a URL has in
// front of its host counts as well. The error names a variable whose file
// cannot be read, one that lacks its other half, or two ways to be let in at
// once.
func Access(getenv func(string) string) ([]nats.Option, error) {
	if err := contradiction(getenv); err != nil {
		return nil, err
	}
	var options []nats.Option
	for _, w := range []struct {
		variable string
		file     bool
		option   func(value string) (nats.Option, error)
	}{
		{variableCreds, true, func(file string) (nats.Option, error) { return nats.UserCredentials(file), nil }},
		{variableNKey, true, func(file string) (nats.Option, error) { return nats.NkeyOptionFromSeed(file) }},
		{variableToken, false, func(token string) (nats.Option, error) { return nats.Token(token), nil }},
		{variableUser, false, func(user string) (nats.Option, error) {
			return nats.UserInfo(user, getenv(variablePassword)), nil
		}},
		{variableCA, true, func(file string) (nats.Option, error) { return nats.RootCAs(file), nil }},
		{variableCert, true, nil},
		{variableKey, true, func(file string) (nats.Option, error) {
			return nats.ClientCert(getenv(variableCert), file), nil
		}},
	} {
		value := getenv(w.variable)
		if value == "" {
			continue
		}
		if w.file {
			if err := readable(value); err != nil {
				return nil, fmt.Errorf("%s: %w", w.variable, err)
			}
		}
		if w.option == nil {
			continue // another variable needs it
		}
		option, err := w.option(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.variable, err)
		}
		options = append(options, option)
	}
	return options, nil
}

// contradiction returns the error of variables that cannot be meant together.
func contradiction(getenv func(string) string) error {
	for _, half := range [][2]string{
		{variableUser, variablePassword},
		{variablePassword, variableUser},
		{variableCert, variableKey},
		{variableKey, variableCert},
	} {
		if getenv(half[0]) != "" && getenv(half[1]) == "" {
			return fmt.Errorf("%s is set and %s is not: want both", half[0], half[1])
		}
	}
	first := ""
	for _, way := range []string{variableCreds, variableNKey, variableToken, variableUser} {
		switch {
		case getenv(way) == "":
		case first != "":
			return fmt.Errorf("%s and %s are both set: want one way to be let in", first, way)
		default:
			first = way
		}
	}
	return nil
}

// readable returns the error with which the file cannot be read, or nil.
func readable(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	return f.Close()
}

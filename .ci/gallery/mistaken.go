package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	restyv3 "resty.dev/v3"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

func openRestyV3(s setup) (scenarios.RequestFunc, error) {
	c := restyv3.New().SetTransport(s.transport).SetTimeout(s.timeout)
	s.atEnd(func() { _ = c.Close() })
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		resp, err := c.R().SetContext(ctx).Get(place(ctx, server, key, attempt))
		if err != nil {
			return failed(resp.RawResponse, err)
		}
		return answered(resp.StatusCode(), resp.Header().Get("Content-Type"), resp.Bytes())
	}, nil
}

func openMinio(s setup) (scenarios.RequestFunc, error) {
	at, err := url.Parse(s.server.URL())
	if err != nil {
		return nil, err
	}
	c, err := minio.New(at.Host, &minio.Options{
		Creds: credentials.NewStaticV4("", "", ""), Transport: s.transport, Region: "us-east-1",
		BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, _ *servers.Server, key string, _ int) record.Seen {
		object, err := c.GetObject(ctx, "flags", servers.FlagPath(key)[len("/flags/"):], minio.GetObjectOptions{})
		if err != nil {
			return failed(nil, err)
		}
		defer object.Close()
		body, err := io.ReadAll(object)
		if err != nil {
			return failed(&http.Response{StatusCode: http.StatusOK}, err)
		}
		return answered(http.StatusOK, "image/gif", body)
	}, nil
}

func openRetryablePost(s setup) (scenarios.RequestFunc, error) {
	c := retryable(s, 2)
	return func(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
		r, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, server.URL()+servers.FlagPath(key),
			bytes.NewReader([]byte("an order")))
		if err != nil {
			return failed(nil, err)
		}
		return report(c.Do(r))
	}, nil
}

func openRestyPost(s setup) (scenarios.RequestFunc, error) {
	c := resty.NewWithClient(s.httpClient()).SetLogger(silent{})
	c.SetRetryCount(2).SetRetryWaitTime(20 * time.Millisecond)
	return func(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
		resp, err := c.R().SetContext(ctx).SetBody("an order").Post(server.URL() + servers.FlagPath(key))
		if err != nil {
			return failed(resp.RawResponse, err)
		}
		return answered(resp.StatusCode(), resp.Header().Get("Content-Type"), resp.Body())
	}, nil
}

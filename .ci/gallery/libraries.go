package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"
	"github.com/go-resty/resty/v2"
	"github.com/gocolly/colly/v2"
	"github.com/gojek/heimdall/v7"
	"github.com/gojek/heimdall/v7/httpclient"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/valyala/fasthttp"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// libraries are correct clients that are made with other libraries.
var libraries = []client{
	{
		name: "go-retryablehttp, reads in its handler", library: "github.com/hashicorp/go-retryablehttp",
		policy: `retry: {attempts: 4, on: [timeout, refused, reset, truncated, malformed, 429, 5xx], ` +
			`wait: "exponential(20ms, 100ms)"}`,
		open: openRetryable,
	},
	{
		name: "go-retryablehttp, the caller reads", library: "github.com/hashicorp/go-retryablehttp", streams: true,
		policy: `retry: {attempts: 4, on: [timeout, refused, reset, malformed, 429, 5xx], ` +
			`wait: "exponential(20ms, 100ms)"}`,
		open: openRetryableStream,
	},
	{name: "resty v2", library: "github.com/go-resty/resty/v2", coarse: true, open: openResty(0)},
	{
		name: "resty v2, retries", library: "github.com/go-resty/resty/v2", coarse: true,
		policy: `retry: {attempts: 3, on: [timeout, refused, reset, truncated, malformed, redirect, 429, 5xx], ` +
			`wait: "uniform(20ms, 100ms)", retry_after: ignore}`,
		open: openResty(2),
	},
	{name: "colly", library: "github.com/gocolly/colly/v2", coarse: true, open: openColly},
	{
		name: "failsafe-go, retries", streams: true, library: "github.com/failsafe-go/failsafe-go",
		policy: `retry: {attempts: 3, on: [timeout, refused, reset, malformed, 429, 5xx]}`,
		apart: func(w world) string {
			if strings.Contains(w.faults, "date(") {
				return "reads a Retry-After in seconds alone"
			}
			return ""
		},
		open: openFailsafe(true),
	},
	{name: "failsafe-go, hedges", library: "github.com/failsafe-go/failsafe-go", open: openFailsafeHedge},
	{
		name: "aws-sdk-go-v2, s3 GetObject", library: "github.com/aws/aws-sdk-go-v2/service/s3", streams: true,
		policy: `retry: {attempts: 3, on: [timeout, refused, reset, malformed, redirect, 429, 500, 502, 503, 504], ` +
			`retry_after: ignore}`,
		open: openS3,
	},
	{
		name: "heimdall, GET", streams: true, library: "github.com/gojek/heimdall/v7", coarse: true,
		policy: `retry: {attempts: 3, on: [timeout, refused, reset, malformed, redirect, 5xx], wait: 20ms, ` +
			`retry_after: ignore}`,
		open: openHeimdall(http.MethodGet),
	},
	{
		name: "fasthttp", library: "github.com/valyala/fasthttp", coarse: true, open: openFasthttp,
		realOnly: "it dials by itself, and keeps its cleaner and timers for the life of the program",
		keeps:    []string{"github.com/valyala/fasthttp.*"},
	},
}

// retryable returns a client of go-retryablehttp.
func retryable(s setup, retries int) *retryablehttp.Client {
	c := retryablehttp.NewClient()
	c.HTTPClient, c.Logger = s.httpClient(), nil
	c.RetryMax, c.RetryWaitMin, c.RetryWaitMax = retries, 20*time.Millisecond, 100*time.Millisecond
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return c
}

func openRetryable(s setup) (scenarios.RequestFunc, error) {
	c := retryable(s, 3)
	return func(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
		r, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, server.URL()+servers.FlagPath(key), nil)
		if err != nil {
			return failed(nil, err)
		}
		var seen record.Seen
		var read *http.Response
		r.SetResponseHandler(func(resp *http.Response) error {
			seen, read = report(resp, nil), resp
			if seen.Error != "" {
				return errors.New(seen.Error)
			}
			return nil
		})
		resp, err := c.Do(r)
		if read != nil && resp == read {
			return seen
		}
		return report(resp, err)
	}, nil
}

func openRetryableStream(s setup) (scenarios.RequestFunc, error) {
	c := retryable(s, 3)
	return func(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
		r, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, server.URL()+servers.FlagPath(key), nil)
		if err != nil {
			return failed(nil, err)
		}
		return report(c.Do(r))
	}, nil
}

func openResty(retries int) func(setup) (scenarios.RequestFunc, error) {
	return func(s setup) (scenarios.RequestFunc, error) {
		c := resty.NewWithClient(s.httpClient()).SetLogger(silent{})
		if retries > 0 {
			c.SetRetryCount(retries).SetRetryWaitTime(20 * time.Millisecond).SetRetryMaxWaitTime(100 * time.Millisecond)
			c.AddRetryCondition(func(resp *resty.Response, err error) bool {
				return err != nil || resp.StatusCode() == http.StatusTooManyRequests || resp.StatusCode() >= 500 ||
					restySeen(resp).Class == record.Malformed
			})
		}
		return func(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
			resp, err := c.R().SetContext(ctx).Get(server.URL() + servers.FlagPath(key))
			if err != nil {
				return failed(resp.RawResponse, err)
			}
			return restySeen(resp)
		}, nil
	}
}

func restySeen(resp *resty.Response) record.Seen {
	return answered(resp.StatusCode(), resp.Header().Get("Content-Type"), resp.Body())
}

// silent is a log that keeps nothing.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

func openColly(s setup) (scenarios.RequestFunc, error) {
	base := colly.NewCollector(colly.AllowURLRevisit(), colly.IgnoreRobotsTxt())
	base.WithTransport(s.transport)
	base.SetRequestTimeout(s.timeout)
	return func(ctx context.Context, server *servers.Server, key string, attempt int) (seen record.Seen) {
		c := base.Clone()
		c.Context = ctx
		c.OnResponse(func(r *colly.Response) {
			seen = answered(r.StatusCode, r.Headers.Get("Content-Type"), r.Body)
		})
		c.OnError(func(r *colly.Response, err error) {
			if seen = failed(nil, err); r.StatusCode > 0 {
				seen = answered(r.StatusCode, "", r.Body)
			}
		})
		if err := c.Visit(place(ctx, server, key, attempt)); err != nil && seen.Class == "" {
			seen = failed(nil, err)
		}
		return seen
	}, nil
}

// openFailsafe tries again. The library does not close the answers that it does
// not return, so that a careful caller does.
func openFailsafe(closes bool) func(setup) (scenarios.RequestFunc, error) {
	return func(s setup) (scenarios.RequestFunc, error) {
		builder := failsafehttp.NewRetryPolicyBuilder().WithMaxRetries(2).ReturnLastFailure()
		if closes {
			builder = builder.OnRetry(func(e failsafe.ExecutionEvent[*http.Response]) {
				if resp := e.LastResult(); resp != nil {
					_ = resp.Body.Close()
				}
			})
		}
		policy, hc := builder.Build(), s.httpClient()
		return func(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
			r := request(ctx, server.URL()+servers.FlagPath(key))
			return report(failsafehttp.NewRequest(r, hc, policy).Do())
		}, nil
	}
}

func openFailsafeHedge(s setup) (scenarios.RequestFunc, error) {
	hedge := hedgepolicy.NewBuilderWithDelay[*http.Response](100 * time.Millisecond).Build()
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		seen := report(failsafehttp.NewRequest(request(ctx, place(ctx, server, key, attempt)), hc, hedge).Do())
		if seen.Class == record.Lost && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			seen.Class = record.Timeout // it merges contexts, and so loses why one has ended
		}
		return seen
	}, nil
}

func openS3(s setup) (scenarios.RequestFunc, error) {
	c := s3.New(s3.Options{
		BaseEndpoint: aws.String(s.server.URL()), UsePathStyle: true, Region: "us-east-1",
		Credentials: aws.AnonymousCredentials{}, HTTPClient: s.httpClient(),
		DisableLogOutputChecksumValidationSkipped: true,
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
				return 20 * time.Millisecond, nil
			})
		}),
	})
	return func(ctx context.Context, _ *servers.Server, key string, _ int) record.Seen {
		bucket, object, _ := strings.Cut(strings.TrimPrefix(servers.FlagPath(key), "/"), "/")
		out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &object})
		if err != nil {
			return failed(nil, err)
		}
		defer out.Body.Close()
		body, err := io.ReadAll(out.Body)
		if err != nil {
			return failed(&http.Response{StatusCode: http.StatusOK}, err)
		}
		seen := answered(http.StatusOK, aws.ToString(out.ContentType), body)
		seen.Status = 0 // the SDK does not say which success it was
		return seen
	}, nil
}

func openHeimdall(method string) func(setup) (scenarios.RequestFunc, error) {
	return func(s setup) (scenarios.RequestFunc, error) {
		c := httpclient.NewClient(
			httpclient.WithHTTPClient(s.httpClient()), httpclient.WithRetryCount(2),
			httpclient.WithRetrier(heimdall.NewRetrier(heimdall.NewConstantBackoff(20*time.Millisecond, 0))),
		)
		return func(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
			r := request(ctx, server.URL()+servers.FlagPath(key))
			if r.Method = method; method == http.MethodPost {
				r.Body = io.NopCloser(strings.NewReader("an order"))
			}
			resp, err := c.Do(r)
			if resp != nil { // it returns the errors of earlier attempts beside the last answer
				return report(resp, nil)
			}
			return failed(nil, err, heimdallErrors)
		}, nil
	}
}

// heimdallErrors knows the text of errors, which is all that heimdall keeps:
// those of all attempts, of which the last decides.
func heimdallErrors(err error) record.Class {
	last := err.Error()
	for _, method := range []string{"Get", "Post"} {
		if i := strings.LastIndex(last, ", "+method+` "`); i >= 0 {
			last = last[i:]
		}
	}
	for word, class := range map[string]record.Class{
		"Client.Timeout": record.Timeout, "context deadline": record.Timeout, "connection refused": record.Refused,
		"redirects": record.Redirect,
	} {
		if strings.Contains(last, word) {
			return class
		}
	}
	return ""
}

// openFasthttp is a client that dials by itself.
func openFasthttp(s setup) (scenarios.RequestFunc, error) {
	c := &fasthttp.Client{RetryIf: func(*fasthttp.Request) bool { return false }, MaxIdemponentCallAttempts: 1}
	s.atEnd(c.CloseIdleConnections)
	known := func(err error) record.Class {
		if errors.Is(err, fasthttp.ErrTimeout) {
			return record.Timeout
		}
		return ""
	}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(req)
		defer fasthttp.ReleaseResponse(resp)
		req.SetRequestURI(place(ctx, server, key, attempt))
		req.SetTimeout(s.timeout)
		if err := c.DoRedirects(req, resp, 10); err != nil {
			return failed(nil, err, known)
		}
		return answered(resp.StatusCode(), string(resp.Header.ContentType()), resp.Body())
	}, nil
}

"""One GET with Python's http.client, which follows no redirect and knows no retry."""

import http.client
import sys
import urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
try:
    c = http.client.HTTPConnection(url.hostname, url.port, timeout=float(sys.argv[2]))
    c.request("GET", url.path)
    r = c.getresponse()
    body = r.read()
    print("status", r.status, len(body))
except Exception as e:
    print("error", f"{type(e).__name__}: {e}")

"""One GET with httpx, which follows redirects when asked."""

import sys

import httpx

try:
    r = httpx.get(sys.argv[1], timeout=float(sys.argv[2]), follow_redirects=True)
    print("status", r.status_code, len(r.content))
except Exception as e:
    print("error", f"{type(e).__name__}: {e}")

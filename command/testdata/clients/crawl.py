"""A whole program: it fetches all there is with threads of its own, and delivers in order."""
import json
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

import client
import with_urllib

jobs = [json.loads(line) for line in sys.stdin]


def do(job):
    return job["task"], client.fetch(with_urllib.attempt, job["url"])


with ThreadPoolExecutor(int(sys.argv[1])) as pool:
    if client.BUG == "unordered":
        futures = [pool.submit(do, job) for job in jobs]
        seen = reversed([f.result() for f in as_completed(futures)])
    else:
        seen = pool.map(do, jobs)
    for n, (task, report) in enumerate(seen):
        if client.BUG == "loses" and n == 2:
            continue
        print(json.dumps({"task": task, **report}), flush=True)
        if client.BUG == "twice" and n == 2:
            print(json.dumps({"task": task, **report}), flush=True)
        if client.BUG == "dies" and n == 2:
            sys.exit("no more tea")

"""What Python's ProcessPoolExecutor does for what package process is measured with.

Each line of standard input is the name of a job and a number, how often to do it. It answers with the seconds that it took, which
the reader of the answer can see too; work that must not be measured is a separate job."""

import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context


def double(n):
    return 2 * n


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def submit(ex, n):
    fs = [ex.submit(double, i) for i in range(n)]
    assert [f.result() for f in fs] == [2 * i for i in range(n)]


def one_at_a_time(ex, n):
    for i in range(n):
        assert ex.submit(double, i).result() == 2 * i


def mapped(chunk, ex, n):
    for i, v in enumerate(ex.map(double, range(n), chunksize=chunk)):
        assert v == 2 * i


def start(opened, method, n):
    """From nothing to the first result."""
    for _ in range(n):
        opened.append(ProcessPoolExecutor(1, get_context(method)))
        assert opened[-1].submit(double, 1).result() == 2


def crash(opened, n):
    """From the submission of a task that ends its process to the error."""
    for ex in opened[-n:]:
        try:
            ex.submit(die, 1).result()
        except BrokenProcessPool:
            pass


def close(opened, _):
    while opened:
        opened.pop().shutdown()


def main(workers=2):
    warm = ProcessPoolExecutor(workers)
    wait([warm.submit(double, i) for i in range(100)])
    opened = []
    jobs = {
        "submit": partial(submit, warm),
        "one-at-a-time": partial(one_at_a_time, warm),
        "map-1": partial(mapped, 1, warm),
        "map-100": partial(mapped, 100, warm),
        "map-1000": partial(mapped, 1000, warm),
        "start-fork": partial(start, opened, "fork"),
        "start-spawn": partial(start, opened, "spawn"),
        "crash": partial(crash, opened),  # of those that were started
        "close": partial(close, opened),
    }
    for line in sys.stdin:
        name, n = line.split()
        begin = time.perf_counter()
        jobs[name](int(n))
        print(time.perf_counter() - begin, flush=True)


if __name__ == "__main__":
    main()

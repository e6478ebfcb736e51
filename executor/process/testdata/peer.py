"""What Python's ProcessPoolExecutor takes for what the benchmarks of this package measure, in the same units. Run it beside them."""

import os
import signal
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context


def double(n):
    return 2 * n


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def report(name, seconds, n=1):
    print(f"{name:24} {1e9 * seconds / n:14.0f} ns/op", flush=True)


def timed(f):
    begin = time.perf_counter()
    f()
    return time.perf_counter() - begin


def main(workers=2):
    with ProcessPoolExecutor(workers) as ex:
        list(ex.map(double, range(100)))
        n = 20_000
        report("Submit", timed(lambda: [f.result() for f in [ex.submit(double, i) for i in range(n)]]), n)
        n = 3_000
        report("PingPong", timed(lambda: [ex.submit(double, i).result() for i in range(n)]), n)
        for chunk, n in (1, 20_000), (100, 400_000), (1000, 1_000_000):
            report(f"Map/{chunk}", timed(lambda: list(ex.map(double, range(n), chunksize=chunk))), n)
    for method in "fork", "spawn":
        starts = []
        for _ in range(10):
            ex = ProcessPoolExecutor(1, get_context(method))
            starts.append(timed(ex.submit(double, 1).result))
            ex.shutdown()
        report(f"Start/{method}", statistics.median(starts))
    crashes = []
    for _ in range(10):
        ex = ProcessPoolExecutor(1)
        ex.submit(double, 1).result()

        def crash():
            try:
                ex.submit(die, 1).result()
            except BrokenProcessPool:
                pass

        crashes.append(timed(crash))
        ex.shutdown()
    report("Crash", statistics.median(crashes))


if __name__ == "__main__":
    main()

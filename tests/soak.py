"""Minutes of mixed load: searches, whole lists, creations, moves to the first place and deletions. Memory, file
descriptors, the write-ahead log and the 99th percentile of response times must stay flat.

Run: python3 tests/soak.py PROGRAM [MINUTES]
"""

import http.client
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

CLIENTS = 8
CALLS_PER_SECOND = 300
TASKS = 5_000
# The limit of the log, and what may be written until it is emptied.
LOG_BYTES = (64 + 16) << 20
# The last third of the run may be this much worse than the first.
GROWTH = {"memory (KB)": 1.3, "file descriptors": 1.2, "p99 (ms)": 2.0}


class Client:
    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method, path, body=None):
        self.connection.request(method, path, body and json.dumps(body), self.headers)
        response = self.connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text.startswith(b"{") else text.decode()


class Load:
    """The state that all clients share."""

    def __init__(self):
        self.lock = threading.Lock()
        self.times, self.statuses, self.tasks = [], {}, []
        self.project = None
        self.is_over = threading.Event()

    def note(self, seconds, status):
        with self.lock:
            self.times.append(seconds)
            self.statuses[status] = self.statuses.get(status, 0) + 1

    def take_times(self):
        with self.lock:
            times, self.times = sorted(self.times), []
        return times


def create(load, client, chance):
    words = " ".join(chance.choices(["garden", "paint", "invoice", "meeting", "Äpfel", "release"], k=12))
    return client.call("POST", "/v1/tasks", {"projectId": load.project, "label": words[:60], "description": words * 4})


def step(load, client, chance):
    """Makes a random call."""
    task = chance.choice(load.tasks)
    match chance.randrange(100):
        case dice if dice < 5:
            return client.call("GET", f"/v1/search?q={chance.choice(['gar', 'pai', 'in', 'm', 're'])}")
        case dice if dice < 6:
            return client.call("GET", f"/v1/projects/{load.project}/tasks")
        case dice if dice < 20:
            return client.call("PATCH", f"/v1/tasks/{task}", {"position": "first"})
        case dice if dice < 40:
            status, made = create(load, client, chance)
            if status == 201:
                load.tasks.append(made["task"]["id"])
            return status, made
        case dice if dice < 60:
            with load.lock:
                task = load.tasks.pop(chance.randrange(len(load.tasks)))
            return client.call("DELETE", f"/v1/tasks/{task}")
        case _:
            return client.call("GET", f"/v1/tasks/{task}")


def run(load, port, token, seed):
    client, chance = Client(port, token), random.Random(seed)
    while not load.is_over.is_set():
        began = time.monotonic()
        status, _ = step(load, client, chance)
        took = time.monotonic() - began
        load.note(took, status)
        time.sleep(max(0, CLIENTS / CALLS_PER_SECOND - took))


def sample(server, data, load):
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    times = load.take_times()
    return {
        "memory (KB)": int(re.search(r"VmRSS:\s+(\d+)", status)[1]),
        "file descriptors": len(list(pathlib.Path(f"/proc/{server.pid}/fd").iterdir())),
        "p99 (ms)": 1000 * times[len(times) * 99 // 100] if times else 0,
        "log (bytes)": (data / "tackboard.db-wal").stat().st_size,
        "calls": len(times),
    }


def judge(samples, load):
    """Returns the problems of the run."""
    third = len(samples) // 3
    faults = []
    for name, growth in GROWTH.items():
        middle = lambda part: sorted(one[name] for one in part)[len(part) // 2]
        first, last = middle(samples[:third]), middle(samples[-third:])
        if last > growth * first:
            faults.append(f"{name} grew from {first:.0f} to {last:.0f}")
    largest = max(one["log (bytes)"] for one in samples)
    if largest > LOG_BYTES:
        faults.append(f"the write-ahead log had {largest} bytes")
    # A task may have been deleted by another client. A read may be ended to bound the log, but rarely.
    calls, busy = sum(load.statuses.values()), load.statuses.get(503, 0)
    if set(load.statuses) - {200, 201, 404, 503} or busy > calls / 1000:
        faults.append(f"statuses: {load.statuses}")
    return faults


def start(program, data):
    server = subprocess.Popen(
        [program, "--data", data, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    port = int(server.stdout.readline().rsplit(":", 1)[1])
    limits = ["--api-calls", "none", "--tasks", "none"]
    subprocess.run([program, "--data", data, "plan", "set", "teams", *limits], check=True, stdout=subprocess.DEVNULL)
    token = re.search(r"km_\w+", (data / "first-credentials").read_text())[0]
    return server, port, token


def main(program, minutes):
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder)
        server, port, token = start(program, data)
        try:
            load, client, chance = Load(), Client(port, token), random.Random(0)
            board = client.call("GET", "/v1/boards")[1]["boards"][0]["id"]
            load.project = client.call("POST", "/v1/projects", {"boardId": board, "name": "Soak"})[1]["project"]["id"]
            load.tasks = [create(load, client, chance)[1]["task"]["id"] for _ in range(TASKS)]
            threads = [threading.Thread(target=run, args=(load, port, token, seed), daemon=True) for seed in range(CLIENTS)]
            for thread in threads:
                thread.start()
            samples = []
            for _ in range(int(minutes * 60 / 5)):
                time.sleep(5)
                samples.append(sample(server, data, load))
                print("  ".join(f"{name} {value:.0f}" for name, value in samples[-1].items()), flush=True)
            load.is_over.set()
            for thread in threads:
                thread.join(60)
            # A new connection: the server has closed the first one, which was idle during the load.
            pauses = [line for line in Client(port, token).call("GET", "/metrics")[1].splitlines() if "pause_seconds_" in line]
            print(*pauses, load.statuses, sep="\n")
        finally:
            server.terminate()
            server.wait()
        faults = judge(samples, load)
        sys.exit("\n".join(faults) if faults else 0)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 10)

"""How long others wait for their changes while 10,000 tasks are imported, and how long the import takes.

Run: python3 tests/import_wait.py PROGRAM
"""

import http.client
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

import million

TASKS = 10_000
MAX_WAIT = 1.0
MAX_IMPORT = 5.0


def call(port, token, method, path, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def change(port, token, is_over, waits):
    """Changes a board again and again, and notes the seconds of each change."""
    board = call(port, token, "GET", "/v1/boards", None)[1]["boards"][0]["id"]
    while not is_over.is_set():
        began = time.monotonic()
        status, _ = call(port, token, "PATCH", f"/v1/boards/{board}", json.dumps({"description": str(began)}))
        waits.append(time.monotonic() - began)
        if status != 200:
            sys.exit(f"a change was answered with {status}")


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder)
        million.write(data / "file.json", TASKS)
        server = subprocess.Popen([program, "--data", data, "--listen", "127.0.0.1:0", "--log", "error"], stdout=subprocess.PIPE, text=True)
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        token = re.search(r"km_\w+", (data / "first-credentials").read_text())[0]
        for plan in ("free", "pro", "teams"):
            limits = ["--tasks", "none", "--boards", "none", "--projects", "none", "--api-calls", "none"]
            subprocess.run([program, "--data", data, "plan", "set", plan, *limits], check=True, stdout=subprocess.DEVNULL)
        is_over, waits = threading.Event(), []
        other = threading.Thread(target=change, args=(port, token, is_over, waits), daemon=True)
        other.start()
        try:
            began = time.monotonic()
            status, answer = call(port, token, "POST", "/v1/imports", (data / "file.json").read_bytes())
            seconds = time.monotonic() - began
        finally:
            is_over.set()
            other.join(60)
            server.terminate()
            server.wait()
        if status != 201:
            sys.exit(f"the import was answered with {status}: {answer}")
        longest = max(waits)
        print(f"import of {TASKS} tasks: {seconds:.2f} s; the longest of {len(waits)} changes meanwhile: {longest:.2f} s")
        sys.exit(0 if longest <= MAX_WAIT and seconds <= MAX_IMPORT else 1)


if __name__ == "__main__":
    main(sys.argv[1])

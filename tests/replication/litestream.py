"""Litestream replicates the database while clients write. Both programs are killed with -9. Every change that was
acknowledged more than two seconds before the kill must be in the restored database, which must be healthy.

Run: python tests/replication/litestream.py PROGRAM LITESTREAM [SECONDS], with the packages of .ci/requirements.txt.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import requests

CLIENTS = 4
# What Litestream may be behind.
GRACE = 2.0


def start(program, data):
    out = open(data / "out", "w")
    args = [program, "--data", data, "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(args, stdout=out, stderr=subprocess.DEVNULL)
    for _ in range(600):
        ready = (data / "out").read_text()
        if ready.startswith("tackboard ready at "):
            return server, ready.split()[-1]
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def config(folder, database):
    path = folder / "litestream.yml"
    path.write_text(
        f"dbs:\n  - path: {database}\n    replica:\n      type: file\n      path: {folder}/replica\n"
        "      sync-interval: 500ms\n"
    )
    return path


def create(origin, token, project, client, acknowledged, stop):
    """Creates tasks one after the other, and notes when each was acknowledged."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    for number in range(1_000_000):
        if stop.is_set():
            return
        label = f"{client}-{number}"
        try:
            made = session.post(f"{origin}/v1/tasks", json={"projectId": project, "label": label}, timeout=30)
        except requests.RequestException:
            return
        if made.status_code == 201:
            acknowledged[label] = time.monotonic()


def command(program, data, *args):
    ran = subprocess.run([program, "--data", data, *args], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{args}: {ran.stdout}{ran.stderr}"
    return ran.stdout


def main():
    program, litestream = sys.argv[1:3]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 8
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        data, restored = folder / "data", folder / "restored"
        data.mkdir()
        restored.mkdir()
        server, origin = start(program, data)
        first = (data / "first-credentials").read_text()
        token = next(word for word in first.split() if word.startswith("km_"))
        command(program, data, "plan", "set", "teams", "--tasks", "none", "--api-calls", "none")
        headers = {"Authorization": f"Bearer {token}"}
        board = requests.get(f"{origin}/v1/boards", headers=headers, timeout=30).json()["boards"][0]["id"]
        projects = requests.get(f"{origin}/v1/boards/{board}/projects", headers=headers, timeout=30)
        project = projects.json()["projects"][0]["id"]
        settings = config(folder, data / "tackboard.db")
        log = open(folder / "log", "w")
        replica = subprocess.Popen([litestream, "replicate", "-config", settings], stdout=log, stderr=log)
        time.sleep(3)
        assert replica.poll() is None, (folder / "log").read_text()
        acknowledged, stop = {}, threading.Event()
        args = [(origin, token, project, client, acknowledged, stop) for client in range(CLIENTS)]
        threads = [threading.Thread(target=create, args=one) for one in args]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        killed = time.monotonic()
        replica.kill()
        server.kill()
        replica.wait()
        server.wait()
        stop.set()
        for thread in threads:
            thread.join()
        copy = folder / "copy.db"
        subprocess.run(
            [litestream, "restore", "-config", settings, "-o", copy, data / "tackboard.db"],
            check=True, capture_output=True,
        )
        command(program, restored, "restore", str(copy))
        command(program, restored, "doctor")
        export = json.loads(command(program, restored, "export"))
        there = {task["label"] for task in export["tasks"]}
        due = {label for label, at in acknowledged.items() if at < killed - GRACE}
        lost = due - there
        print(f"{len(acknowledged)} acknowledged, {len(due)} of them in time, {len(there)} restored, {len(lost)} lost")
        assert due and not lost, f"lost: {sorted(lost)[:10]}"


if __name__ == "__main__":
    main()

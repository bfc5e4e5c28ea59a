"""Export and import of very many tasks by the command: both stay within 200 MB of memory, and a round trip changes nothing.

Run: python3 tests/million.py PROGRAM [TASKS]
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

MEMORY_MB = 200
ARRAYS = ["boards", "labels", "lanes", "projects", "tasks", "subtasks", "comments"]
TIMES = {"created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z"}
WORDS = ["garden", "paint", "Rechnung", "meeting", "Äpfel", "release 🎨", "\u202eltr", 'a "b"']


def objects(tasks):
    """The arrays of a file with so many tasks: the name of each, and its objects."""
    chance = random.Random(4711)
    projects = max(1, tasks // 5_000)
    yield "boards", ({"id": f"board{at}", "name": f"Board {at}", **TIMES} for at in range(10))
    yield "labels", ({"id": f"label{at}", "board_id": f"board{at}", "name": "Bug", "color": "#e11d48", **TIMES} for at in range(10))
    yield "lanes", ({"id": f"lane{at}", "board_id": f"board{at}", "name": "Doing", "position": "aab", **TIMES} for at in range(10))
    yield "projects", (
        {"id": f"project{at}", "board_id": f"board{at % 10}", "name": f"Project {at}", "position": f"{at:06}b", **TIMES}
        for at in range(projects)
    )
    yield "tasks", (task(at, projects, tasks, chance) for at in range(tasks))
    yield "subtasks", (
        {"id": f"subtask{at}", "task_id": f"task{at}", "label": "Step", "is_completed": at % 2 == 0, "position": "aab", **TIMES}
        for at in range(0, tasks, 4)
    )
    yield "comments", (
        {"id": f"comment{at}", "task_id": f"task{at}", "text": "Well done", "author_id": None, "author_name": "Grace", "edited_at": None, **TIMES}
        for at in range(0, tasks, 10)
    )


def task(at, projects, tasks, chance):
    project = at * projects // tasks
    return {
        "id": f"task{at}",
        "project_id": f"project{project}",
        "workflow_lane_id": f"lane{project % 10}" if at % 2 else None,
        "label": f"{at} {chance.choice(WORDS)}",
        "description": " ".join(chance.choices(WORDS, k=12)) if at % 3 else None,
        "status": at % 3,
        "position": f"{at:08}b",
        "due_on": f"2024-01-{at % 28 + 1:02}" if at % 5 == 0 else None,
        "label_ids": [f"label{project % 10}"] if at % 7 == 0 else [],
        "assignee_ids": [],
        "archived_at": "2024-03-01T00:00:00Z" if at % 11 == 0 else None,
        "created_by_id": None,
        **TIMES,
    }


def write(path, tasks):
    with open(path, "w") as file:
        file.write('{"format":"tackboard-export","version":1,"members":[]')
        for name, array in objects(tasks):
            file.write(f',"{name}":[')
            for at, one in enumerate(array):
                file.write("," * (at > 0) + json.dumps(one))
            file.write("]")
        file.write("}")


def read(path):
    """The objects of an export, one after another: the name of the array, and the object."""
    decoder, text, at, name = json.JSONDecoder(), "", 0, None
    with open(path) as file:
        while True:
            try:
                if name is None:
                    start = text.index('":[', at)
                    name, at = text[at:start].rsplit('"', 1)[1], start + 3
                at += text.startswith(",", at)
                if text.startswith("]", at):
                    name, at = None, at + 1
                    continue
                one, at = decoder.raw_decode(text, at)
                yield name, one
            except ValueError:
                more = file.read(1 << 20)
                if not more:
                    return
                text, at = text[at:] + more, 0


def plain(path):
    """The same objects with their places instead of their ids."""
    places, counts = {}, dict.fromkeys(ARRAYS, 0)
    for name, one in read(path):
        if name not in ARRAYS:
            continue
        if name in ("boards", "labels", "lanes", "projects", "tasks"):
            places[one["id"]] = f"{name}[{counts[name]}]"
        counts[name] += 1
        del one["id"]
        for field, value in one.items():
            if field.endswith("_id"):
                one[field] = places.get(value, value)
            elif field.endswith("_ids"):
                one[field] = [places.get(id, id) for id in value]
        yield name, one


def run(program, data, *arguments):
    """Runs a command, and returns its seconds and its peak of memory in MB."""
    began = time.monotonic()
    process = subprocess.Popen([program, "--data", data, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{arguments[0]} failed")
    return time.monotonic() - began, usage.ru_maxrss / 1024


def prepare(program, data):
    """Creates a database with a workspace without limits."""
    server = subprocess.Popen([program, "--data", data, "--listen", "127.0.0.1:0", "--log", "error"], stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    server.terminate()
    server.wait()
    run(program, data, "workspace", "create", "--name", "Large", "--plan", "teams")
    run(program, data, "plan", "set", "teams", "--tasks", "none")


def main(program, tasks):
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        folder = pathlib.Path(folder)
        files = [folder / "generated.json", folder / "first.json", folder / "second.json"]
        write(files[0], tasks)
        faults = []
        for source, target in zip(files, files[1:]):
            data = folder / f"data-{target.stem}"
            prepare(program, data)
            for what, arguments in {"import": ["import", source], "export": ["export", target]}.items():
                seconds, memory = run(program, data, *arguments, "--workspace", "large")
                print(f"{what} of {tasks} tasks: {seconds:.1f} s, {memory:.0f} MB", flush=True)
                if memory > MEMORY_MB:
                    faults.append(f"{what} took {memory:.0f} MB")
            database = data / "tackboard.db"
            print(f"database: {database.stat().st_size >> 20} MB, file: {target.stat().st_size >> 20} MB", flush=True)
        count = 0
        for first, second in zip(plain(files[1]), plain(files[2]), strict=True):
            count += 1
            if first != second:
                faults.append(f"{first} became {second}")
                break
        print(f"{count} objects compared")
        if count < tasks:
            faults.append("objects are missing")
        sys.exit("\n".join(faults) if faults else 0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)

"""A typical Python client of the board API: a thin wrapper around requests that parses JSON after every call and reads
error.code, error.message and error.details. Fails if a call does not return what such clients expect.

Run: TACKBOARD_ORIGIN=http://127.0.0.1:8080 TACKBOARD_TOKEN=km_… python client.py
"""

import os

import requests


class ApiError(Exception):
    def __init__(self, status, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.status = status
        self.code = error["code"]
        self.details = error.get("details", {})


class BoardApi:
    def __init__(self, api_key, base_url):
        self.base_url = base_url
        self.headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}

    def request(self, method, endpoint, data=None):
        response = requests.request(method, f"{self.base_url}{endpoint}", headers=self.headers, json=data, timeout=30)
        body = response.json()
        if not response.ok:
            raise ApiError(response.status_code, body["error"])
        return body

    def boards(self):
        return self.request("GET", "/boards")["boards"]

    def projects(self, board_id):
        return self.request("GET", f"/boards/{board_id}/projects")["projects"]

    def project(self, project_id):
        return self.request("GET", f"/projects/{project_id}")["project"]

    def tasks(self, project_id):
        return self.request("GET", f"/projects/{project_id}/tasks")["tasks"]

    def create_task(self, project_id, label, **more):
        return self.request("POST", "/tasks", {"projectId": project_id, "label": label, **more})["task"]

    def update_task(self, task_id, **changes):
        return self.request("PATCH", f"/tasks/{task_id}", changes)["task"]

    def delete_task(self, task_id):
        return self.request("DELETE", f"/tasks/{task_id}")


def expect_error(code, status, call):
    try:
        call()
    except ApiError as error:
        assert (error.code, error.status) == (code, status), error
        return error
    raise AssertionError(f"no {code}")


def main():
    base_url = os.environ["TACKBOARD_ORIGIN"] + "/v1"
    api = BoardApi(os.environ["TACKBOARD_TOKEN"], base_url)
    board = api.boards()[0]
    project = api.projects(board["id"])[0]
    before = api.project(project["id"])
    task = api.create_task(project["id"], "Write the press release", description="Two paragraphs", status=0)
    assert task["id"] in [known["id"] for known in api.tasks(project["id"])]
    assert api.update_task(task["id"], status=2)["status"] == 2
    after = api.project(project["id"])
    assert after["num_tasks_done"] == before["num_tasks_done"] + 1
    assert after["progress"] == after["num_tasks_done"] / after["num_tasks_total"]
    assert api.delete_task(task["id"]) == {"deleted": True, "id": task["id"]}

    gone = expect_error("task_not_found", 404, lambda: api.request("GET", f"/tasks/{task['id']}"))
    assert gone.details == {"task_id": task["id"]}
    invalid = expect_error("invalid_request", 400, lambda: api.request("POST", "/tasks", {"projectId": project["id"], "status": 7}))
    assert invalid.details == {"fields": {"label": "Label is required", "status": "Status must be 0, 1, or 2"}}
    expect_error("invalid_token", 401, BoardApi("km_" + "x" * 32, base_url).boards)
    print("client.py: 1 passed, 0 failed")


main()

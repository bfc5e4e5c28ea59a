"""Uses the client of the OpenAPI Generator for Python."""

import os

from tackboard_client import (
    ApiClient,
    BoardCreate,
    BoardsApi,
    Configuration,
    InvalidRequestError,
    Move,
    MoveAfter,
    MoveBefore,
    ProjectCreate,
    ProjectsApi,
    TaskCreate,
    TaskNotFoundError,
    TasksApi,
    TaskUpdate,
)
from tackboard_client.exceptions import BadRequestException, NotFoundException

configuration = Configuration(access_token=os.environ["TACKBOARD_TOKEN"])
assert configuration.host == os.environ["TACKBOARD_ORIGIN"], configuration.host
client = ApiClient(configuration)
boards, projects, tasks = BoardsApi(client), ProjectsApi(client), TasksApi(client)


def move(task, position):
    return tasks.update_task(task, TaskUpdate(position=Move(position)))


board = boards.create_board(BoardCreate(name="python")).board
project = projects.create_project(ProjectCreate(board_id=board.id, name="Launch")).project
labels = ["One", "Two", "Three"]
one, two, three = [tasks.create_task(TaskCreate(project_id=project.id, label=label)).task.id for label in labels]

move(three, MoveBefore(before=one))
move(one, "last")
listed = tasks.list_project_tasks(project.id, limit=10)
assert [task.label for task in listed.tasks] == ["Three", "Two", "One"]

try:
    move(two, MoveAfter(after=board.id))
    raise AssertionError("a task was moved to a place that does not exist")
except NotFoundException as refused:
    error = refused.data.actual_instance
    assert isinstance(error, TaskNotFoundError), error
    assert error.error.details.task_id == board.id

try:
    # Without the client's own checks.
    tasks.create_task(TaskCreate.model_construct(project_id=project.id, label=""))
    raise AssertionError("a task without a label was created")
except BadRequestException as invalid:
    error = invalid.data.actual_instance
    assert isinstance(error, InvalidRequestError), error
    assert error.error.details.fields["label"] == "Label must not be empty"

deletion = boards.delete_board(board.id)
assert deletion.id == board.id

"""Uses the client of openapi-python-client."""

import os
from uuid import UUID

from tackboard_client import AuthenticatedClient
from tackboard_client.api.boards import create_board, delete_board
from tackboard_client.api.projects import create_project
from tackboard_client.api.tasks import create_task, list_project_tasks, update_task
from tackboard_client.models import (
    BoardAnswer,
    BoardCreate,
    Deletion,
    InvalidRequestError,
    MoveAfter,
    MoveBefore,
    ProjectAnswer,
    ProjectCreate,
    TaskAnswer,
    TaskCreate,
    TaskList,
    TaskNotFoundError,
    TaskUpdate,
)

client = AuthenticatedClient(os.environ["TACKBOARD_ORIGIN"], os.environ["TACKBOARD_TOKEN"])


def move(task: UUID, position: MoveAfter | MoveBefore | str) -> object:
    return update_task.sync(task, client=client, body=TaskUpdate(position=position))


board = create_board.sync(client=client, body=BoardCreate(name="openapi-python-client"))
assert isinstance(board, BoardAnswer), board
project = create_project.sync(client=client, body=ProjectCreate(board_id=board.board.id, name="Launch"))
assert isinstance(project, ProjectAnswer), project
created: list[UUID] = []
for label in ["One", "Two", "Three"]:
    task = create_task.sync(client=client, body=TaskCreate(project_id=project.project.id, label=label))
    assert isinstance(task, TaskAnswer), task
    created.append(task.task.id)
one, two, three = created

assert isinstance(move(three, MoveBefore(before=one)), TaskAnswer)
assert isinstance(move(one, "last"), TaskAnswer)
listed = list_project_tasks.sync(project.project.id, client=client, limit=10)
assert isinstance(listed, TaskList), listed
assert [task.label for task in listed.tasks] == ["Three", "Two", "One"]

refused = move(two, MoveAfter(after=board.board.id))
assert isinstance(refused, TaskNotFoundError), refused
assert refused.error.details.task_id == board.board.id

invalid = create_task.sync(client=client, body=TaskCreate(project_id=project.project.id, label=""))
assert isinstance(invalid, InvalidRequestError), invalid
assert invalid.error.details.fields["label"] == "Label must not be empty"

deletion = delete_board.sync(board.board.id, client=client)
assert isinstance(deletion, Deletion) and deletion.id == board.board.id

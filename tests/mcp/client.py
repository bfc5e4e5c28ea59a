"""The Python client of the Model Context Protocol against the product: over HTTP with and without a handshake, and over
standard input and output. It checks every result against the tool's outputSchema.

bash .ci/with-server python tests/mcp/client.py
"""

import asyncio
import os

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

ORIGIN, TOKEN, DATA = (os.environ[f"TACKBOARD_{name}"] for name in ("ORIGIN", "TOKEN", "DATA"))


async def work(client: Client, version: str, may_write: bool) -> None:
    assert client.protocol_version == version, client.protocol_version
    tools = [tool.name for tool in (await client.list_tools()).tools]
    assert len(tools) == (15 if may_write else 8), tools
    boards = await client.call_tool("get_board", {})
    assert not boards.is_error and boards.structured_content["boards"], boards
    if may_write:
        changes = [
            {"action": "create", "type": "board", "name": f"Python {version}"},
            {"action": "create", "type": "project", "board": f"Python {version}", "name": f"Project {version}"},
        ]
        made = await client.call_tool("manage_board", {"changes": changes})
        assert not made.is_error, made
        tasks = [{"project": f"Project {version}", "label": label} for label in ("One", "Two")]
        made = await client.call_tool("create_tasks", {"tasks": tasks})
        assert [task["label"] for task in made.structured_content["tasks"]] == ["One", "Two"], made
    failed = await client.call_tool("get_task", {"task": "no such task"})
    assert failed.is_error and "task_not_found" in failed.content[0].text, failed
    print(f"{version}: {len(tools)} tools")


async def main() -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for mode, version in [("auto", "2026-07-28"), ("legacy", "2025-11-25")]:
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(f"{ORIGIN}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                await work(client, version, True)
    command = StdioServerParameters(command="tackboard", args=["--data", DATA, "mcp"])
    for mode, version in [("auto", "2026-07-28"), ("legacy", "2025-11-25")]:
        async with Client(command, mode=mode) as client:
            await work(client, version, False)


asyncio.run(main())

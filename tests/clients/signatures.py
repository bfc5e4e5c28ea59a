"""Checks that the Standard Webhooks library from PyPI accepts deliveries of the server, also during a rotation.

Run: bash .ci/with-server python3 tests/clients/signatures.py
"""

import json
import os
import queue
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

ORIGIN, TOKEN = os.environ["TACKBOARD_ORIGIN"], os.environ["TACKBOARD_TOKEN"]
received = queue.Queue()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
        received.put((dict(self.headers), body))

    def log_message(self, *args):
        pass


def api(method, path, body=None):
    request = urllib.request.Request(ORIGIN + path, method=method)
    request.add_header("Authorization", f"Bearer {TOKEN}")
    request.add_header("Content-Type", "application/json")
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, data) as response:
        return json.load(response)


def delivered(name):
    api("POST", "/v1/boards", {"name": name})
    return received.get(timeout=20)


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
webhook = api("POST", "/v1/webhooks", {"name": "Library", "url": url, "events": ["board.created"]})["webhook"]

headers, body = delivered("Für alle – “hello” 🎉")
payload = Webhook(webhook["secret"]).verify(body, headers)
assert payload["data"]["name"] == "Für alle – “hello” 🎉", payload
try:
    Webhook(webhook["secret"]).verify(body + b" ", headers)
    raise AssertionError("a changed body was accepted")
except WebhookVerificationError:
    pass

rotated = api("POST", f"/v1/webhooks/{webhook['id']}/secret/rotate")["webhook"]
headers, body = delivered("After the rotation")
for secret in (webhook["secret"], rotated["secret"]):
    assert Webhook(secret).verify(body, headers)["event"] == "board.created"
api("DELETE", f"/v1/webhooks/{webhook['id']}")
server.shutdown()
print("the Standard Webhooks library accepts all deliveries")

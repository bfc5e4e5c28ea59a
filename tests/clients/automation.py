"""A typical Python automation for the card integration API. It makes sure that a card has a configuration, sends the card,
and reads the responses as existing clients do.

Run: TACKBOARD_ORIGIN=http://127.0.0.1:8080 TACKBOARD_TOKEN=km_… TACKBOARD_KEY=… python automation.py
"""

import os
import time
import uuid

import requests

ORIGIN = os.environ["TACKBOARD_ORIGIN"]
API = f"{ORIGIN}/api/integration"
KEY = {"Authorization": f"Bearer {os.environ['TACKBOARD_KEY']}"}
TOKEN = {"Authorization": f"Bearer {os.environ['TACKBOARD_TOKEN']}"}


def expect(response, status):
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    return response.json()


def ensure_config(user, workspace, card):
    """Gets the card's configuration, and creates it if it does not exist."""
    found = requests.get(f"{API}/config/by-card", params={"cardId": card}, headers=KEY, timeout=30)
    if found.status_code == 409 and found.json()["message"] == "Integration configuration doesn't exist":
        body = {"userId": user, "workspaceId": workspace, "cardId": card}
        return expect(requests.post(f"{API}/config", json=body, headers=KEY, timeout=30), 201)["data"]["_id"]
    return expect(found, 200)["_id"]


def main():
    user = expect(requests.get(f"{API}/auth/validate", headers=KEY, timeout=30), 200)["user_id"]
    choices = expect(requests.get(f"{API}/workspaces", headers=KEY, timeout=30), 200)[0]["choices"]
    workspace = choices[0]["id"]
    body = {"title": "Hello {{name}}", "message": "From {{ company }}"}
    card = expect(requests.post(f"{ORIGIN}/v1/cards", json=body, headers=TOKEN, timeout=30), 201)["card"]["id"]
    # Without a body, like the product's own examples.
    cards = expect(requests.post(f"{API}/cards?workspace={workspace}", headers=KEY, timeout=30), 200)
    assert card in [choice["id"] for choice in cards[0]["choices"]]
    config = ensure_config(user, workspace, card)
    assert ensure_config(user, workspace, card) == config
    body = {"userId": user, "workspaceId": workspace, "cardId": card}
    again = expect(requests.post(f"{API}/config", json=body, headers=KEY, timeout=30), 409)
    assert again["message"] == "Integration configuration already exists" and again["statusCode"] == 409
    described = expect(requests.get(f"{API}/config", params={"integrationId": config}, headers=KEY, timeout=30), 200)
    assert [tag["key"] for tag in described["mergeTags"]] == ["name", "company"]
    order = {
        "card": card,
        "integrationId": config,
        "mergeTags": [{"name": "Ada", "email": "ada@example.org", "company": "Analytical Engines"}],
        "emailAccount": "CardClan",
    }
    headers = {**KEY, "Idempotency-Key": str(uuid.uuid4())}
    sent = [expect(requests.post(f"{API}/send-card", json=order, headers=headers, timeout=30), 201) for _ in range(2)]
    assert sent[0] == sent[1] and sent[0]["status"] is True
    pixel = requests.get(sent[0]["tracking_url"], timeout=30)
    assert pixel.status_code == 200 and pixel.headers["content-type"] == "image/gif"
    del order["emailAccount"]
    link = expect(requests.post(f"{API}/get-card-url", json=order, headers=KEY, timeout=30), 201)["view_card_url"]
    page = requests.get(link, timeout=30)
    assert page.status_code == 200 and "Analytical Engines" in page.text
    deadline = time.monotonic() + 30
    while True:
        recipients = requests.get(f"{ORIGIN}/v1/cards/{card}/recipients", headers=TOKEN, timeout=30)
        by_id = {recipient["id"]: recipient for recipient in expect(recipients, 200)["recipients"]}
        if by_id[sent[0]["recipient_id"]]["status"] == "sent" and by_id[sent[0]["recipient_id"]]["opens"] == 1:
            break
        assert time.monotonic() < deadline, by_id
        time.sleep(0.1)
    print("automation.py: every call did what it should")


if __name__ == "__main__":
    main()

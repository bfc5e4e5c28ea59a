"""32 clients send a thousand cards. The mail server delays one mail in ten, and Tackboard is killed with -9 three times.
Every accepted card must arrive. Only mails that were being delivered during a kill may arrive twice.

Run: python tests/mail/delivery.py PROGRAM, with the packages of .ci/requirements.txt.
"""

import asyncio
import datetime
import email
import email.policy
import ipaddress
import logging
import pathlib
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import requests
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SENDS = 1000
CLIENTS = 32
# Tackboard is killed when this many mails have been accepted.
KILLS = [200, 450, 700]
# The maximum number of concurrent deliveries, so at most this many mails can be sent twice per kill.
AT_ONCE = 8
USER, PASSWORD = "ann@example.org", "p:a/s%é w@rd"
LIMIT_SECONDS = 110
NAMES = ["Zoë Ångström", "山田 太郎", 'Ann "the" O\'Neil, <x@y>', "שלום עליכם", "Bob", ".Dot", "Łukasz 👩‍👧"]
STRICT = email.policy.default.clone(raise_on_defect=True)


def logs_in(_server, _session, _envelope, _mechanism, login):
    return AuthResult(success=(login.login, login.password) == (USER.encode(), PASSWORD.encode()))


class Sink:
    """A mail server that delays one mail in ten, each at most twice, and stores what it accepts."""

    def __init__(self, tls=None, from_start=False):
        self.random = random.Random(4711)
        self.put_off = {}
        self.taken = []
        self.lock = threading.Lock()
        self.more = threading.Condition(self.lock)
        self.options = {"hostname": "mail.example"}
        if tls and not from_start:
            self.options |= {
                "tls_context": tls,
                "require_starttls": True,
                "auth_required": True,
                "authenticator": logs_in,
            }
        self.loop = asyncio.new_event_loop()
        factory = lambda: SMTP(self, loop=self.loop, **self.options)
        listening = self.loop.create_server(factory, "127.0.0.1", 0, ssl=tls if from_start else None)
        self.server = self.loop.run_until_complete(listening)
        self.port = self.server.sockets[0].getsockname()[1]
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def puts_off(self, address, share):
        """Decides at random."""
        if self.random.random() < share and self.put_off.get(address, 0) < 2:
            self.put_off[address] = self.put_off.get(address, 0) + 1
            return True
        return False

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.puts_off(address, 0.05):
            return "451 4.7.1 Please come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Fine"

    async def handle_DATA(self, server, session, envelope):
        if self.puts_off(envelope.rcpt_tos[0], 0.05):
            return "451 4.3.0 The queue is full"
        with self.more:
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
            self.more.notify_all()
        return "250 2.0.0 Taken"

    def wait_for(self, count, deadline):
        with self.more:
            found = self.more.wait_for(lambda: len(self.taken) >= count, deadline - time.monotonic())
        assert found, f"only {len(self.taken)} mails of {count} arrived"


class Tackboard:
    """The program with its data folder. It restarts on the same port."""

    def __init__(self, program, folder, settings):
        self.program, self.folder = program, folder
        self.settings = settings
        self.listen = "127.0.0.1:0"
        self.start()

    def start(self):
        command = [self.program, "--data", self.folder / "data", "--listen", self.listen, *self.settings]
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.origin = self.process.stdout.readline().strip().removeprefix("tackboard ready at ")
        assert self.origin, (self.folder / "log").read_text()
        self.listen = self.origin.removeprefix("http://")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0

    def command(self, *args):
        subprocess.run([self.program, "--data", self.folder / "data", *args], check=True, stdout=subprocess.DEVNULL)

    def queued(self):
        lines = requests.get(f"{self.origin}/metrics", timeout=30).text.splitlines()
        return int(next(line for line in lines if line.startswith("tackboard_mails_queued ")).split()[1])


class Client:
    """Calls the API until it responds, because Tackboard may be restarting."""

    def __init__(self, tackboard, token):
        self.tackboard = tackboard
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(self, method, path, body=None):
        headers = {**self.headers, "Idempotency-Key": str(uuid.uuid4())}
        deadline = time.monotonic() + 60
        while True:
            try:
                url = self.tackboard.origin + path
                answer = requests.request(method, url, json=body, headers=headers, timeout=30)
                if answer.status_code < 500:
                    assert answer.status_code in (200, 201), answer.text
                    return answer.json()
            except requests.ConnectionError:
                pass
            assert time.monotonic() < deadline, "Tackboard does not come back"
            time.sleep(0.05)


def certificates(folder):
    """A certificate authority that only this test trusts, and a server certificate for 127.0.0.1."""
    now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)

    def make(name, issuer, issuer_key, *extensions):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or subject)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - day).not_valid_after(now + day)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(issuer_key or key, hashes.SHA256()), key

    authority, authority_key = make("Test authority", None, None, x509.BasicConstraints(ca=True, path_length=0))
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    server, key = make("mail.example", authority.subject, authority_key, address)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    (folder / "server.pem").write_bytes(server.public_bytes(pem))
    plain = (pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(key.private_bytes(*plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


def name_of(number):
    name = NAMES[number % len(NAMES)]
    # A name that is one word with dots is not changed.
    return f"{name}{'.' if '.' in name else ' '}{number}"


def check(sender, recipients, content, sends, origin):
    """Checks a mail with a strict parser. Returns the recipient's id."""
    assert content.isascii() and b"\n" not in content.replace(b"\r\n", b"")
    mail = email.message_from_bytes(content, policy=STRICT)
    for name, value in mail.items():
        assert not value.defects, (name, value, value.defects)
    recipient = mail["Message-ID"].removeprefix("<").split("@")[0]
    number = sends[recipient]
    name, address = name_of(number), f"r{number}@example.org"
    assert recipients == [address] and sender == "cards@example.org"
    assert [(to.display_name, to.addr_spec) for to in mail["To"].addresses] == [(name, address)], mail["To"]
    assert [(of.display_name, of.addr_spec) for of in mail["From"].addresses] == [("Grüße, Ltd", sender)], mail["From"]
    assert mail["Subject"] == f"For {name}", mail["Subject"]
    assert mail["Date"].datetime.tzinfo and mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == f"<{origin}/unsubscribe/{recipient}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert name in text.get_content() and f"number {number} of" in text.get_content()
    for link in ["view", "unsubscribe"]:
        assert f"{origin}/{link}/{recipient}" in text.get_content()
        assert f'href="{origin}/{link}/{recipient}"' in html.get_content()
    assert f'src="{origin}/api/analytics/fetchImage/{recipient}"' in html.get_content()
    return recipient


def card(client):
    """Creates a card that can be sent. Returns the request body for sending it."""
    user = client.call("GET", "/api/integration/auth/validate")["user_id"]
    workspace = client.call("GET", "/api/integration/workspaces")[0]["choices"][0]["id"]
    body = {"title": "For {{name}}", "message": "Dear **{{name}}**, you are number {{ number }} of many."}
    made = client.call("POST", "/v1/cards", body)["card"]["id"]
    config = {"userId": user, "workspaceId": workspace, "cardId": made}
    return {"card": made, "integrationId": client.call("POST", "/api/integration/config", config)["_id"]}


def run(program, encrypted):
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        sink = Sink(certificates(folder) if encrypted else None)
        settings = ["--mail-from", "Grüße, Ltd <cards@example.org>"]
        if encrypted:
            login = "ann%40example.org:p%3Aa%2Fs%25%C3%A9%20w%40rd"
            (folder / "url").write_text(f"smtp://{login}@127.0.0.1:{sink.port}?tls=required\n")
            settings += ["--smtp-url-file", folder / "url", "--smtp-ca", folder / "ca.pem"]
        else:
            settings += ["--smtp-url", f"smtp://127.0.0.1:{sink.port}"]
        tackboard = Tackboard(program, folder, settings)
        try:
            deliver(tackboard, sink, folder, began + LIMIT_SECONDS)
        finally:
            tackboard.kill()
        assert PASSWORD not in (folder / "log").read_text()
        took = time.monotonic() - began
        print(f"{'STARTTLS and AUTH' if encrypted else 'plain'}: {len(sink.taken)} mails of {SENDS} cards in {took:.0f} s")


def encryption(program):
    """Implicit TLS works, and a server without a trusted certificate gets no login and no mail."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        context = certificates(folder)
        for scheme, query, trusted in [("smtps", "", True), ("smtps", "", False), ("smtp", "?tls=required", False)]:
            home = pathlib.Path(tempfile.mkdtemp(dir=folder))
            sink = Sink(context, from_start=scheme == "smtps")
            login = "" if trusted else "ann:password@"
            settings = ["--smtp-url", f"{scheme}://{login}127.0.0.1:{sink.port}{query}", "--mail-from", "cards@example.org"]
            if trusted:
                settings += ["--smtp-ca", folder / "ca.pem"]
            tackboard = Tackboard(program, home, settings)
            try:
                client = Client(tackboard, token_of(home))
                order = card(client)
                person = {"name": "Ada", "email": "ada@example.org", "number": 1}
                client.call("POST", "/api/integration/send-card", {**order, "mergeTags": [person]})
                reply = reply_of(client, order["card"])
            finally:
                tackboard.kill()
            assert (reply is None) == trusted and len(sink.taken) == int(trusted), (scheme, reply)
            assert trusted or "certificate" in reply, reply
    print("encryption: only with a trusted server certificate")


def reply_of(client, made):
    """Waits for the result of a card's only mail. Returns None if it was sent, otherwise the reply."""
    deadline = time.monotonic() + 30
    while True:
        found = client.call("GET", f"/v1/cards/{made}/recipients")["recipients"][0]
        if found["status"] == "sent" or found["reply"]:
            return found["reply"]
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def token_of(folder):
    words = (folder / "data/first-credentials").read_text().split()
    return next(word for word in words if word.startswith("km_"))


def deliver(tackboard, sink, folder, deadline):
    tackboard.command("plan", "set", "teams", "--api-calls", "none", "--card-sends", "none")
    client = Client(tackboard, token_of(folder))
    order = card(client)

    def send(number):
        person = {"name": name_of(number), "email": f"r{number}@example.org", "number": number}
        answer = client.call("POST", "/api/integration/send-card", {**order, "mergeTags": [person]})
        return answer["recipient_id"], number

    kills = []
    with ThreadPoolExecutor(CLIENTS) as pool:
        sending = pool.map(send, range(SENDS))
        for count in KILLS:
            sink.wait_for(count, deadline)
            tackboard.kill()
            kills.append(len(sink.taken))
            tackboard.start()
        sends = dict(sending)
    assert len(sends) == SENDS
    sink.wait_for(SENDS, deadline)
    while tackboard.queued() > 0:
        assert time.monotonic() < deadline, f"{tackboard.queued()} mails still wait"
        time.sleep(0.1)
    tackboard.stop()

    arrived = [check(*mail, sends, tackboard.origin) for mail in sink.taken]
    missing = set(sends) - set(arrived)
    assert not missing, f"{len(missing)} cards were accepted and never arrived"
    twice = [at for at, recipient in enumerate(arrived) if recipient in arrived[:at]]
    assert len(twice) <= AT_ONCE * len(KILLS), f"{len(twice)} mails went out twice"
    for at in twice:
        first = arrived.index(arrived[at])
        # The first must have been accepted around a kill, and the second after it.
        assert any(abs(kill - first) <= 2 * AT_ONCE and kill <= at for kill in kills), (first, at, kills)
    tackboard.command("doctor")


if __name__ == "__main__":
    # Hides the mail server's warnings about clients that disconnect, because this test kills its client.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    encryption(sys.argv[1])
    for wanted in (True, False):
        run(sys.argv[1], wanted)

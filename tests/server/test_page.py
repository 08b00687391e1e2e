"""The chat page: what a browser gets, and that nothing of it leaves this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.server.app import create_app
from hermes_gguf.server.listen import BrowserRules, make_server
from hermes_gguf.server.page.route import ChatPage, page_files

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
LOGIC = Path(__file__).parent / "page"


@pytest.fixture
def client() -> TestClient:
    app = create_app(
        ChatModel(ScriptedEngine(["Hello."])), model_id="m", api_key="secret"
    )
    return TestClient(ChatPage(app))


def test_a_browser_gets_the_page_and_a_program_gets_text(client):
    page = client.get("/", headers=BROWSER)
    text = client.get("/", headers={"accept": "*/*"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.startswith("<!doctype html>")
    assert text.headers["content-type"].startswith("text/plain")
    # Whoever stores one of them must not hand it out as the other.
    assert page.headers["vary"] == "accept"


@pytest.mark.parametrize("name", sorted(page_files()))
def test_each_file_is_served_as_what_it_is(client, name):
    reply = client.get(f"/page/{name}")
    kinds = {
        "html": "text/html; charset=utf-8",
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    }
    assert reply.status_code == 200
    assert reply.content == page_files()[name]
    assert reply.headers["content-type"] == kinds[name.rpartition(".")[2]]
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_the_page_answers_head(client):
    reply = client.head("/", headers=BROWSER)
    assert (reply.status_code, reply.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    ["/page/", "/page/none.js", "/page/../app.py", "/page/%2e%2e/app.py", "/page"],
)
def test_nothing_but_the_pages_files_is_served(client, path):
    assert client.get(path, headers=BROWSER).status_code == 404


def test_every_file_that_the_page_names_is_there():
    names = set()
    for name, content in page_files().items():
        text = content.decode()
        found = re.findall(r'(?:href|src)="/page/([^"]+)"', text)
        found += re.findall(r'from "\./([^"]+)"', text)
        names |= {*found, name}
    assert names == set(page_files())


def test_the_page_needs_nothing_from_elsewhere():
    for name, content in page_files().items():
        addresses = set(re.findall(r"https?://[^\s\"'`)]+", content.decode()))
        assert addresses <= {"http://www.w3.org/2000/svg"}, name


def test_a_browser_may_run_and_reach_nothing_else(client):
    policy = client.get("/", headers=BROWSER).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == "'none'"
    assert set(rules.values()) <= {"'self'", "'none'"}
    # No other page may show this one in a frame and guide the clicks.
    assert rules["frame-ancestors"] == "'none'"


def test_the_page_writes_text_and_no_markup():
    sources = b"".join(text for name, text in page_files().items() if ".js" in name)
    for forbidden in (b"innerHTML", b"outerHTML", b"insertAdjacentHTML", b"eval("):
        assert forbidden not in sources


def test_the_page_is_shown_without_the_key_and_the_api_is_not(client):
    assert client.get("/", headers=BROWSER).status_code == 200
    assert client.get("/v1/models", headers=BROWSER).status_code == 401


def test_posts_go_to_the_app(client):
    assert client.post("/", headers=BROWSER).status_code == 405


@pytest.mark.parametrize(("has_page", "begin"), [(True, "<!doctype"), (False, "herm")])
def test_the_server_can_do_without_the_page(has_page, begin):
    app = create_app(ChatModel(ScriptedEngine([])), model_id="m")
    rules = BrowserRules(checks_host=True, has_page=has_page)
    served = make_server(app, rules=rules).config.app
    near = TestClient(served, base_url="http://127.0.0.1")
    assert near.get("/", headers=BROWSER).text.startswith(begin)
    # A page that has its own domain point here would get a page of ours to play with.
    far = TestClient(served, base_url="http://evil.example.com")
    assert far.get("/", headers=BROWSER).status_code == 403


def test_the_pages_own_logic():
    node = shutil.which("node")
    version = node and subprocess.check_output([node, "--version"], text=True)
    if not version or int(version[1:].split(".")[0]) < 20:
        pytest.skip("needs Node.js 20 or newer, for the page's scripts")
    files = sorted(map(str, LOGIC.glob("*.test.mjs")))
    done = subprocess.run(
        [node, "--test", *files], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert "# fail 0" in done.stdout

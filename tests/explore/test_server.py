"""The server answers this machine's browser, GET alone, with numbers that `mcpolar bound` gives."""

import http.client
import json
import socket
import threading
import time

import pytest

from mcpolar.bounds import permanence, silo_persistence, theorem1, theorem2
from mcpolar.errors import ResourceError
from mcpolar.explore.certified import Calculator, Superseded
from mcpolar.explore.server import ExplorerServer
from mcpolar.parameters import ChainParameters

ASKED = "m=30&r=5&sigma=0.3&k=14&level=1&steps=1021&split=15"
CHAIN = ChainParameters(m=30, r=5, sigma="0.3", k=14)


@pytest.fixture(scope="module")
def server():
    with ExplorerServer() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def ask(server, path, method="GET", **headers):
    connection = http.client.HTTPConnection(*server.server_address, timeout=60)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        for one in [value] if isinstance(value, str) else value:
            connection.putheader(name.replace("_", "-"), one)
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def test_law_the_page_is_served_with_a_strict_policy(server):
    answer, text = ask(server, "/")
    assert answer.status == 200
    assert text.startswith("<!doctype html>")
    assert 'name="mcpolar-server" content="yes"' in text
    policy = text.partition('Content-Security-Policy" content="')[2].partition('"')[0]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("function", [theorem2, silo_persistence])
def test_reference_quick_bounds_are_those_of_the_package(server, function):
    bound = function(CHAIN, level=1, steps=1021, split=15)
    answer, text = ask(server, f"/api/bound?statement={bound.statement}&{ASKED}")
    found = json.loads(text)
    assert (answer.status, found["lower"], found["log10"]) == (200, bound.lower(5), bound.log10)
    assert (found["applies"], found["steps"], found["failure"]) == (True, 1021, bound.failure_upper(5))


@pytest.mark.parametrize(("name", "function", "options"), [
    ("theorem1", theorem1, {}), pytest.param("permanence", permanence, {"split": 4}, marks=pytest.mark.slow),
])  # fmt: skip
def test_reference_bounds_that_are_searched_for_are_those_of_the_package(server, name, function, options):
    chain = ChainParameters(m=8, r=1, sigma="0.2", k=3)
    bound = function(chain, level=2, **options)
    answer, text = ask(server, f"/api/bound?statement={name}&m=8&r=1&sigma=0.2&k=3&level=2&steps=9&split=4")
    found = json.loads(text)
    assert (answer.status, found["lower"], found["steps"]) == (200, bound.lower(5), bound.horizon_steps)


def test_law_a_bound_that_does_not_apply_says_why(server):
    found = json.loads(ask(server, f"/api/bound?statement=theorem2&{ASKED.replace('k=14', 'k=20')}")[1])
    assert (found["applies"], found["lower"], found["log10"]) == (False, "0", None)
    assert "k + 1 <= min(m+, m-)" in found["failed"][0]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "", "127.0.0.1.evil.example:{port}"],
)
def test_rejects_another_host(server, host):
    answer, text = ask(server, "/", Host=host.format(port=server.server_address[1]))
    assert answer.status == 421
    assert "answers http://127.0.0.1" in text


def test_rejects_two_hosts_and_none(server):
    own = f"127.0.0.1:{server.server_address[1]}"
    assert ask(server, "/", Host=[own, "evil.example"])[0].status == 421
    with socket.create_connection(server.server_address, timeout=10) as line:
        line.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b" 421 " in line.recv(100)


def test_control_its_own_names_are_answered(server):
    for name in ("127.0.0.1", "localhost"):
        assert ask(server, "/", Host=f"{name}:{server.server_address[1]}")[0].status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "CONNECT"])
def test_rejects_every_other_method(server, method):
    assert ask(server, "/", method)[0].status == 501


@pytest.mark.parametrize("path", ["/index.html", "/../pyproject.toml", "/api", "/api/bound/", "/app.js"])
def test_rejects_every_other_address(server, path):
    assert ask(server, path)[0].status == 404


def test_rejects_questions_of_other_sites(server):
    path = f"/api/bound?statement=theorem2&{ASKED}"
    assert ask(server, path, Sec_Fetch_Site="cross-site")[0].status == 403
    assert ask(server, path, Sec_Fetch_Site="same-origin")[0].status == 200


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("statement=theorem2", "`m` must be given; got nothing"),
        (f"statement=theorem9&{ASKED}", "`statement` must be one of"),
        (f"statement=proposition1&{ASKED}", "about a probability"),
        (f"statement=general-theorem2&{ASKED}", "about the chain of two components"),
        (f"statement=theorem2&{ASKED.replace('m=30', 'm=3x')}", "`m` must be a whole number; got 3x"),
        (f"statement=theorem2&{ASKED.replace('m=30', 'm=100000')}", "`m` must be"),
        (f"statement=theorem2&{ASKED.replace('sigma=0.3', 'sigma=-1')}", "`sigma` must be"),
        (f"statement=theorem2&{ASKED.replace('steps=1021', 'steps=__import__(0)')}", "`steps` must be"),
        (f"statement=theorem1&{ASKED.replace('level=1', 'level=--help')}", "`level` must be a whole number; got --"),
        (f"statement=permanence&{ASKED.replace('k=14', 'k=-5')}", "`k` must be"),
    ],
)  # fmt: skip
def test_rejects_bad_questions_with_one_line(server, asked, said):
    answer, text = ask(server, f"/api/bound?{asked}")
    error = json.loads(text)["error"]
    assert answer.status == 400
    assert said in error
    assert "\n" not in error


def test_rejects_a_question_without_end(server):
    assert ask(server, "/api/bound?statement=" + "a" * 3000)[0].status == 414


SLOW = {"statement": "theorem1", "m": "100", "r": "5", "sigma": "0.2", "level": "1"}


def test_law_a_newer_question_ends_the_older_one():
    calculator, seen = Calculator(), []

    def first():
        try:
            calculator.bound(SLOW)
        except Superseded:
            seen.append("superseded")

    thread = threading.Thread(target=first)
    thread.start()
    while not calculator._running:
        time.sleep(0.01)
    older = next(iter(calculator._running.values()))
    assert calculator.bound(SLOW | {"m": "4", "r": "1"})["applies"]
    thread.join(10)
    assert seen == ["superseded"]
    assert older.poll() is not None


def test_rejects_a_search_that_takes_too_long():
    calculator = Calculator(seconds=0.2)
    with pytest.raises(ResourceError, match="not found within 0.2 seconds"):
        calculator.bound(SLOW)
    assert calculator._running == {}


def test_law_closing_ends_what_is_computed():
    server = ExplorerServer()
    failed = []

    def search():
        try:
            server.calculator.bound(SLOW)
        except ResourceError as error:
            failed.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    while not server.calculator._running:
        time.sleep(0.01)
    server.server_close()
    thread.join(10)
    assert len(failed) == 1

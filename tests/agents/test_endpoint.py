"""A model behind a server: what is asked again, what is not, and that the key shows nowhere."""

import json
import socket
import time

import numpy as np
import pytest

from mcpolar.agents import AgentSettings, FakeAnswer, FakeEmbed, Keywords, simulate_agents
from mcpolar.agents.endpoint import Endpoint
from mcpolar.errors import InputError, ResourceError
from tests.agents.server import Server, cut, drip, echo, raw, squeezed, status, text

pytest.importorskip("httpx2")
SECRET = "sk-this-is-secret"


def asked(script, tries=3, **options):
    """Return the answer, the server and the pauses of one call."""
    pauses = []
    with Server(script) as server:
        endpoint = Endpoint(server.url, "m", question="Which?", tries=tries, sleep=pauses.append, **options)
        try:
            return endpoint("Rose - red.", 7), server, pauses
        finally:
            endpoint.close()


def test_reference_an_answer_and_what_was_asked():
    answer, server, pauses = asked([text(" The rose. ")])
    assert (answer, pauses) == ("The rose.", [])
    ((path, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert body["seed"] == 7
    assert "Rose - red." in body["messages"][0]["content"]


@pytest.mark.parametrize(
    "first",
    [status(500), status(503), status(408), cut, raw(b"not json"), raw(b"[]")],
    ids=["500", "503", "408", "cut", "not JSON", "no object"],
)
def test_law_what_may_pass_is_asked_again(first):
    answer, server, pauses = asked([first, text("The rose.")])
    assert answer == "The rose."
    assert len(server.requests) == 2
    assert pauses == [0.5]


@pytest.mark.parametrize(
    ("value", "pause"), [("3", 3.0), ("100000", 60.0), ("soon", 0.5), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0)]
)
def test_law_retry_after_is_obeyed_for_a_minute_at_most(value, pause):
    _, _, pauses = asked([status(429, ("Retry-After", value)), text("The rose.")])
    assert pauses == [pause]


@pytest.mark.parametrize("code", [301, 400, 401, 403, 404])
def test_law_a_refusal_is_not_asked_again(code):
    with Server([status(code, ("Location", "http://127.0.0.1:1/"))]) as server:
        endpoint = Endpoint(server.url, "m", tries=3, sleep=time.sleep)
        with pytest.raises(ResourceError, match=f"refused: status {code}"):
            endpoint("x", 1)
        endpoint.close()
        assert len(server.requests) == 1


def test_law_tries_end():
    with Server([status(500)]) as server:
        endpoint = Endpoint(server.url, "m", tries=3, sleep=lambda _: None)
        with pytest.raises(ResourceError, match="failed 3 times, at last: status 500"):
            endpoint("x", 1)
        endpoint.close()
        assert len(server.requests) == 3


def test_law_nobody_there_is_an_error_after_the_tries():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = Endpoint(f"http://127.0.0.1:{port}", "m", tries=2, sleep=lambda _: None)
    with pytest.raises(ResourceError, match="failed 2 times, at last: ConnectError"):
        endpoint("x", 1)
    endpoint.close()


def test_law_a_body_is_capped():
    with pytest.raises(ResourceError, match="more than 1000000 bytes"):
        asked([raw(b"x" * 10_000_000)])


@pytest.mark.parametrize("reply", [{}, {"choices": []}, {"choices": [{"message": {"content": 3}}]}])
def test_rejects_replies_without_a_text(reply):
    with pytest.raises(ResourceError, match="without a message's content"):
        asked([raw(json.dumps(reply).encode())])


def test_law_the_key_comes_from_the_environment_and_shows_nowhere(monkeypatch, tmp_path):
    monkeypatch.setenv("MCPOLAR_API_KEY", SECRET)
    with Server([status(401)]) as server:
        endpoint = Endpoint(server.url, "m", tries=1)
        with pytest.raises(ResourceError) as caught:
            endpoint("x", 1)
        assert server.keys == [f"Bearer {SECRET}"]
        assert SECRET not in f"{endpoint!r} {caught.value} {vars(endpoint)}"
        endpoint.close()
    with Server([text("The rose.")]) as server:
        endpoint = Endpoint(server.url, "m")
        settings = AgentSettings(2, 1, model="m")
        names = Keywords(("rose",))
        log = tmp_path / "log.jsonl"
        simulate_agents(
            settings,
            [["a"], ["b"]],
            answer=endpoint,
            embed=endpoint.embed,
            classify=names,
            log=log,
            concurrency=2,
        )
        endpoint.close()
        assert SECRET not in log.read_text()


def test_rejects_addresses():
    for url in ("ftp://host", "file:///etc/passwd", "http://user:pass@host", "host"):
        with pytest.raises(InputError, match="`url` must be an http or https address") as caught:
            Endpoint(url, "m")
        assert "pass" not in str(caught.value).split("got")[1]


def test_reference_embeddings_in_the_order_of_the_texts():
    with Server([text("")]) as server:
        endpoint = Endpoint(server.url, "m")
        assert endpoint.embed(["a", "bbb"]).tolist() == [[1.0, 1.0], [1.0, 3.0]]
        endpoint.close()


def test_law_a_server_that_drips_is_given_up():
    clock = time.monotonic()
    with pytest.raises(ResourceError, match="failed 2 times, at last: TimeoutError"):
        asked([drip], tries=2, timeout=0.1)
    assert time.monotonic() - clock < 30  # without an end for the whole reply it takes 2000 s a try


def test_law_a_compressed_reply_is_not_unpacked():
    with pytest.raises(ResourceError, match="a compressed reply, which was not asked for"):
        asked([squeezed])


def test_law_a_key_that_a_server_sends_back_is_not_kept(monkeypatch):
    monkeypatch.setenv("MCPOLAR_API_KEY", SECRET)
    assert asked([echo])[0] == "rose Bearer [key]"


@pytest.mark.parametrize("key", ["sk-a\nHost: x", "sk-ä", "sk a"])
def test_rejects_what_is_no_key_without_showing_it(monkeypatch, key):
    monkeypatch.setenv("MCPOLAR_API_KEY", key)
    with pytest.raises(ResourceError, match="MCPOLAR_API_KEY holds characters that no key has") as caught:
        asked([text("rose")])
    assert "sk" not in str(caught.value)


def test_rejects_addresses_with_a_query_without_showing_it():
    for url in ("http://host/v1?key=secret", "http://host#secret"):
        with pytest.raises(InputError, match="`url` must be an address without a query") as caught:
            Endpoint(url, "m")
        assert "secret" not in str(caught.value)


def test_law_halves_of_surrogate_pairs_are_kept_as_question_marks(tmp_path):
    with Server([raw(b'{"choices": [{"message": {"content": "rose \\ud800"}}]}')]) as server:
        endpoint = Endpoint(server.url, "m")
        parts = {"answer": endpoint, "embed": FakeEmbed(), "classify": Keywords(("rose",))}
        simulate_agents(AgentSettings(2, 1), [["a"], ["b"]], log=tmp_path / "log.jsonl", **parts)
        endpoint.close()
    assert (tmp_path / "log.jsonl").read_text(encoding="utf-8").count("rose ?") >= 4


@pytest.mark.parametrize(
    "rows",
    [
        [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [2.0]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 7, "embedding": [2.0]}],
        [{"index": 0, "embedding": [1.0]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [10**400]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [float("nan")]}],
        [{"index": 0, "embedding": [1.0]}, {"index": "1", "embedding": [1.0]}],
        [{"index": 0, "embedding": ["x"]}, {"index": 1, "embedding": ["y"]}],
    ],
    ids=["twice", "number", "missing", "ragged", "huge", "nan", "text", "words"],
)
def test_rejects_embeddings_that_lie(rows):
    with Server([raw(json.dumps({"data": rows}).encode())]) as server:
        endpoint = Endpoint(server.url, "m")
        with pytest.raises(ResourceError, match="gave no embedding for each of 2 texts"):
            endpoint.embed(["a", "b"])
        endpoint.close()


def test_rejects_an_embedding_that_changes_its_dimension(tmp_path):
    sizes = iter([2, 2, 2, 3])
    parts = {"answer": FakeAnswer(("rose",)), "classify": Keywords(("rose",)), "log": tmp_path / "l.jsonl"}
    with pytest.raises(ResourceError, match="2 dimensions for the question and 3 for answers"):
        simulate_agents(
            AgentSettings(2, 1),
            [["a"], ["b"]],
            embed=lambda texts: np.ones((len(texts), next(sizes))),
            **parts,
        )

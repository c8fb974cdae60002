"""A model behind any OpenAI-compatible server: bounded, retried, and silent about its key."""

from __future__ import annotations

import email.utils
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from mcpolar.agents.answers import Points
from mcpolar.checks import whole_number
from mcpolar.errors import InputError, ResourceError

KEY = "MCPOLAR_API_KEY"
LARGEST_BODY = 1_000_000
LARGEST_POINT = 200_000
"""Bytes of one text's embedding."""
LONGEST_REPLY = 4
"""How many times the time-out of a single read a whole reply may take."""
LONGEST_WAIT = 60.0
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
INSTRUCTION = "{question} Use only what the context says.\nCONTEXT: {context}"


class Endpoint:
    """A server that speaks `/v1/chat/completions` and `/v1/embeddings`.

    The key comes from the environment (MCPOLAR_API_KEY) alone; no message, repr or log holds it.

    Parameters
    ----------
    url : str
        Of the server, such as "http://127.0.0.1:8080"; "/v1" is added where it is missing.
    model : str
        The model's name there.
    question : str
        What is asked.
    timeout : float
        Seconds for each request.
    tries : int
        Requests for one answer: after a refused connection, a time-out, a cut reply, 408, 429 (as long as Retry-After
        says, at most a minute) and 5xx it is asked again.
    length, temperature
        Of an answer.

    Raises
    ------
    InputError
        If the URL is not http or https.
    ResourceError
        If the extra is missing; and from a call, when the last try failed or the server refused.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        question: str = "",
        timeout: float = 60.0,
        tries: int = 5,
        length: int = 100,
        temperature: float = 0.75,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise InputError("url", _without_secrets(url), "an http or https address without a user")
        if parts.query or parts.fragment:  # it may hold a key, and the address is shown
            raise InputError("url", _without_secrets(url), "an address without a query: the key is in " + KEY)
        self.url = url.rstrip("/") + ("" if url.rstrip("/").endswith("/v1") else "/v1")
        self.model, self.tries = model, whole_number("tries", tries, 1, 100)
        self._question, self._sleep = question, sleep
        self._options = {"max_tokens": length, "temperature": temperature}
        self._client, self._patience = _client(timeout), LONGEST_REPLY * timeout

    def __repr__(self) -> str:
        """Name the server and the model."""
        return f"Endpoint({self.url}, {self.model})"

    def __call__(self, context: str, seed: int) -> str:
        """Return one answer."""
        return self.ask(self._question, context, seed)

    def ask(self, question: str, context: str, seed: int) -> str:
        """Return one answer to any question."""
        content = INSTRUCTION.format(question=question, context=context)
        body = {"model": self.model, "messages": [{"role": "user", "content": content}], "seed": seed}
        reply = self._post("/chat/completions", body | self._options)
        try:
            text = reply["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            text = None
        if not isinstance(text, str):
            raise ResourceError(f"{self!r} gave a reply without a message's content")
        key = os.environ.get(KEY)
        return (
            text.replace(key, "[key]") if key else text
        ).strip()  # a server may send back what it was sent

    def embed(self, texts: Sequence[str]) -> Points:
        """Return the points of texts, shape (n, d)."""
        allowed = LARGEST_BODY + len(texts) * LARGEST_POINT
        reply = self._post("/embeddings", {"model": self.model, "input": list(texts)}, allowed)
        try:
            rows = sorted(reply["data"], key=lambda row: row["index"])
            points = np.array([row["embedding"] for row in rows], dtype=np.float64)
            numbers = [row["index"] for row in rows]
        except (KeyError, TypeError, ValueError, OverflowError):
            points, numbers = np.empty(0), []
        if points.ndim != 2 or numbers != list(range(len(texts))) or not np.isfinite(points).all():
            raise ResourceError(f"{self!r} gave no embedding for each of {len(texts)} texts")
        return points

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _post(self, path: str, body: Mapping[str, Any], allowed: int = LARGEST_BODY) -> dict[str, Any]:
        """Post, again after what may pass; return the reply."""
        problem = ""
        for attempt in range(self.tries):
            if attempt:
                self._sleep(self._pause)
            found, problem = self._once(path, body, attempt, allowed)
            if found is not None:
                return found
        raise ResourceError(f"{self!r} failed {self.tries} times, at last: {problem}")

    def _once(
        self, path: str, body: Mapping[str, Any], attempt: int, allowed: int
    ) -> tuple[dict[str, Any] | None, str]:
        import httpx2

        self._pause = min(0.5 * 2**attempt, LONGEST_WAIT)
        try:
            with self._client.stream("POST", self.url + path, json=body, headers=_headers()) as reply:
                if reply.status_code in AGAIN:
                    self._pause = _retry_after(reply.headers.get("retry-after"), self._pause)
                    return None, f"status {reply.status_code}"
                if reply.status_code != 200:
                    raise ResourceError(f"{self!r} refused: status {reply.status_code}")
                return _parsed(_body(reply, repr(self), allowed, self._patience))
        except (httpx2.HTTPError, TimeoutError) as error:
            return None, type(error).__name__

    _pause = 0.0


def _client(timeout: float) -> Any:
    try:
        import httpx2
    except ImportError as error:
        raise ResourceError("a server needs the extra `agents`: pip install 'mcpolar[agents]'") from error
    return httpx2.Client(timeout=timeout, follow_redirects=False, trust_env=False)


def _headers() -> dict[str, str]:
    key, plain = os.environ.get(KEY), {"Accept-Encoding": "identity"}
    if not key:
        return plain
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ResourceError(f"{KEY} holds characters that no key has, such as spaces or line breaks")
    return plain | {"Authorization": f"Bearer {key}"}


def _body(reply: Any, who: str, allowed: int, patience: float) -> bytes:
    """Return the reply as it came: a compressed one, which was not asked for, could hold a thousand times as much."""
    if reply.headers.get("content-encoding", "identity").lower() != "identity":
        raise ResourceError(f"{who} gave a compressed reply, which was not asked for")
    body, end = bytearray(), time.monotonic() + patience
    for chunk in reply.iter_raw():
        body += chunk
        if len(body) > allowed:
            raise ResourceError(f"{who} gave a reply of more than {allowed} bytes")
        if time.monotonic() > end:  # a byte now and then keeps a time-out for single reads from ever passing
            raise TimeoutError
    return bytes(body)


def _parsed(body: bytes) -> tuple[dict[str, Any] | None, str]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None, "a reply that is not JSON"
    return (found, "") if isinstance(found, dict) else (None, "a reply that is no object")


def _retry_after(value: str | None, otherwise: float) -> float:
    """Return the seconds that a Retry-After header asks for, at most a minute."""
    if value is None:
        return otherwise
    if value.strip().isdecimal():
        return min(float(value), LONGEST_WAIT)
    try:
        until = email.utils.parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return min(max(until - time.time(), 0.0), LONGEST_WAIT)


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}"

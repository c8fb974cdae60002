"""What the site computed is forgotten when the package changes, and only then."""

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS / "_ext"))
from fresh import digest, forget_what_is_old  # noqa: E402
from written import COMPUTED, HERE  # noqa: E402


class Build:
    """A package of two files, and what a build of its site left: a folder of results, and a picture."""

    def __init__(self, folder):
        self.source, self.mark = folder / "package", folder / "_build/computed_from"
        self.computed = [folder / "executed", folder / "front.png", folder / "never_made"]
        (self.source / "inner").mkdir(parents=True)
        (self.source / "one.py").write_text("x = 1\n")
        (self.source / "inner/two.py").write_text("y = 2\n")
        self.compute()

    def compute(self):
        self.computed[0].mkdir(exist_ok=True)
        (self.computed[0] / "result").write_text("1")
        self.computed[1].write_text("picture")

    def forget(self):
        return forget_what_is_old(self.source, self.mark, self.computed)

    def left(self):
        return [path.name for path in self.computed if path.exists()]


@pytest.fixture
def built(tmp_path):
    found = Build(tmp_path)
    found.forget()
    found.compute()
    return found


def test_law_what_an_unknown_source_computed_is_forgotten(tmp_path):
    build = Build(tmp_path)
    assert build.forget()
    assert build.left() == []


def test_law_what_the_same_source_computed_stays(built):
    (built.source / "notes.txt").write_text("no code")
    assert not built.forget()
    assert built.left() == ["executed", "front.png"]


CHANGES = {
    "content": lambda source: (source / "inner/two.py").write_text("y = 3\n"),
    "a new file": lambda source: (source / "three.py").write_text(""),
    "a file that is gone": lambda source: (source / "one.py").unlink(),
    "a new name": lambda source: (source / "one.py").rename(source / "two.py"),
    "the same text elsewhere": lambda source: (source / "one.py").rename(source / "inner/one.py"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_law_a_change_of_the_source_forgets_once(built, change):
    change(built.source)
    assert built.forget()
    assert built.left() == []
    built.compute()
    assert not built.forget()
    assert built.left() == ["executed", "front.png"]


def test_law_texts_belong_to_their_names(tmp_path):
    digests = set()
    for number, texts in enumerate((("1", ""), ("", "1"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in zip(("a.py", "b.py"), texts, strict=True):
            (folder / name).write_text(text)
        digests.add(digest(folder))
    assert len(digests) == 2


def test_law_everything_that_a_build_computes_is_on_the_list():
    # where the caches of conf.py, the gallery and :mod:`shown` are
    conf = (DOCS / "conf.py").read_text(encoding="utf-8")
    assert '"_build" / "executed"' in conf
    assert '"gallery_dirs": "gallery"' in conf
    assert {HERE / "_build/executed", HERE / "gallery", HERE / "written/extra/report.html"} <= set(COMPUTED)
    shown = (DOCS / "_ext/shown.py").read_text(encoding="utf-8")
    for name in ("front", "verdicts"):
        assert f'"{name}"' in shown
        assert HERE / f"written/{name}.png" in COMPUTED

"""What is installed: exactly the lock files, whatever the index has since got; and what the package says of itself."""

import ast
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import mcpolar
from mcpolar.report import citation as citation_text

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, GROUPS = PYPROJECT["project"], PYPROJECT["dependency-groups"]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-docs.lock")

# A build backend of one file, so that the tiny project needs no other package.
BACKEND = """
import zipfile
from pathlib import Path

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as wheel:
        info = "tiny-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""
TINY = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1.0"
"""


def wheel(folder: Path, name: str, version: str, *more: str) -> str:
    """Write an empty wheel with these further lines of metadata, and return its hash."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{info}/METADATA": "\n".join(
            ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *more, ""]
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        path: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()) for path, text in files.items()
    }
    record = "".join(f"{path},sha256={digest.rstrip(b'=').decode()},\n" for path, digest in digests.items())
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(file, text)
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


class Machine:
    """A fresh machine: a checkout with a lock of two packages, and an index that has newer releases of both."""

    def __init__(self, folder: Path):
        self.checkout, self.index = folder / "checkout", folder / "index"
        self.checkout.mkdir()
        self.index.mkdir()
        # alpha asks for an extra of beta, as pytest-cov asks for coverage[toml]: the lock file does not name extras
        self.locked = {
            "alpha": wheel(self.index, "alpha", "1.0", "Requires-Dist: beta[fast]>=1.0"),
            "beta": wheel(self.index, "beta", "1.0", "Provides-Extra: fast"),
        }
        wheel(self.index, "alpha", "2.0", "Requires-Dist: beta[fast]>=2.0")
        wheel(self.index, "beta", "2.0", "Provides-Extra: fast")
        shutil.copy(ROOT / "Makefile", self.checkout)
        (self.checkout / "pyproject.toml").write_text(TINY)
        (self.checkout / "backend.py").write_text(BACKEND)
        self.lock(*self.locked)

    def lock(self, *names: str) -> None:
        """Lock these packages at 1.0."""
        lines = [f"{name}==1.0 \\\n    --hash={self.locked[name]}\n" for name in names]
        (self.checkout / "requirements.lock").write_text("".join(lines))

    def make(self) -> subprocess.CompletedProcess[str]:
        """Make the environment of `make demo` with the project's own Makefile."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE"))}
        pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index)}
        return subprocess.run(
            ["make", ".venv/demo/.ready", f"PYTHON={sys.executable}"],
            cwd=self.checkout, env=plain | pip, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def installed(self) -> set[str]:
        """Return the folders of metadata of what is installed."""
        return {path.name for path in (self.checkout / ".venv/demo").rglob("*.dist-info")}


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    found = Machine(tmp_path_factory.mktemp("machine"))
    done = found.make()
    assert done.returncode == 0, done.stdout + done.stderr
    return found


def test_law_the_lock_is_installed_whatever_newer_releases_exist(machine):
    assert {"alpha-1.0.dist-info", "beta-1.0.dist-info", "tiny-1.0.dist-info"} <= machine.installed()
    assert not {"alpha-2.0.dist-info", "beta-2.0.dist-info"} & machine.installed()


def test_control_an_install_that_resolves_fails_once_newer_releases_exist(machine, tmp_path):
    other = Machine(tmp_path)
    makefile = other.checkout / "Makefile"
    text = makefile.read_text()
    makefile.write_text(text.replace("--no-deps --require-hashes", "--require-hashes"))
    assert makefile.read_text() != text
    done = other.make()
    assert done.returncode != 0
    assert "beta" in done.stderr


def test_control_a_lock_without_a_dependency_is_refused(machine, tmp_path):
    other = Machine(tmp_path)
    other.lock("alpha")
    done = other.make()
    assert done.returncode != 0
    assert "alpha 1.0 requires beta" in done.stdout + done.stderr


@pytest.mark.parametrize("name", LOCKS)
def test_law_lock_files_hold_names_versions_and_hashes_only(name):
    entry = re.compile(r"[a-z0-9-]+==[\w.]+( ; [\w.<>=!'* ]+)? \\(\n    --hash=sha256:[0-9a-f]{64}( \\)?)+\n")
    assert entry.sub("", (ROOT / name).read_text()) == ""


def _locked_extras() -> dict[str, list[str]]:
    """Return the extra `dev` and those that it names, by way of `all`."""
    extras, found, names = PROJECT["optional-dependencies"], {}, ["dev"]
    while names:
        name = names.pop()
        found[name] = extras[name]
        own = [Requirement(text) for text in extras[name] if text.startswith("mcpolar")]
        names += [extra for requirement in own for extra in requirement.extras]
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_law_lock_files_fulfil_the_requirements(name):
    pins = {}
    for pin, version in re.findall(r"^([a-z0-9-]+)==([\w.]+)", (ROOT / name).read_text(), re.MULTILINE):
        pins.setdefault(pin, []).append(version)
    extras = _locked_extras() if "dev" in name else {"docs": GROUPS["docs"]} if "docs" in name else {}
    wanted = [Requirement(text) for texts in (PROJECT["dependencies"], *extras.values()) for text in texts]
    unmet = [
        str(requirement)
        for requirement in wanted
        if requirement.name != "mcpolar"
        and not (
            pins.get(requirement.name) and all(v in requirement.specifier for v in pins[requirement.name])
        )
    ]
    assert unmet == []


def test_law_the_core_can_draw_and_compute():
    core = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert {"matplotlib", "mpmath", "numpy", "scipy", "sympy", "networkx"} <= core
    assert PROJECT["optional-dependencies"]["plots"] == []  # a name that others may still use


# modules whose distribution has another name
DISTRIBUTIONS = {"flint": "python-flint", "sklearn": "scikit-learn"}


def imported_by_the_package() -> dict[str, str]:
    """Return the distributions that the package imports, each with a module that does."""
    found = {}
    for path in (ROOT / "mcpolar").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for top in (name.partition(".")[0] for name in names):
                if top not in sys.stdlib_module_names and top != "mcpolar":
                    found[DISTRIBUTIONS.get(top, top)] = str(path.relative_to(ROOT))
    return found


def test_law_what_is_imported_is_declared_and_the_core_is_imported():
    core = {Requirement(text).name for text in PROJECT["dependencies"]}
    extras = {
        Requirement(text).name
        for name, texts in PROJECT["optional-dependencies"].items()
        for text in texts
        if name not in ("all", "dev")
    }
    imported = imported_by_the_package()
    # numba brings llvmlite; pandas looks for tabulate when it writes
    assert imported.keys() - core - extras == {"llvmlite"}
    assert core - imported.keys() == {"tabulate"}


def test_law_every_version_of_python_is_named():
    named = {text.rsplit(" ", 1)[1] for text in PROJECT["classifiers"] if "Python :: 3." in text}
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in named
    assert min(named, key=lambda text: int(text.split(".")[1])) == PROJECT["requires-python"].removeprefix(
        ">="
    )


def test_law_the_citation_is_of_this_version():
    text = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {mcpolar.__version__}\n" in text
    assert re.search(r"^date-released: \d{4}-\d\d-\d\d$", text, re.MULTILINE)


def test_law_every_place_that_names_the_version_agrees():
    archive = json.loads((ROOT / ".zenodo.json").read_text())
    recipe = (ROOT / "packaging/conda/meta.yaml").read_text()
    citation = (ROOT / "CITATION.cff").read_text()
    assert archive["version"] == mcpolar.__version__
    assert f'{{% set version = "{mcpolar.__version__}" %}}' in recipe
    assert f"date-released: {archive['publication_date']}\n" in citation
    assert archive["title"] == citation_text.TITLE
    assert f'title: "{citation_text.TITLE}"' in citation
    assert f'value: "arXiv:{citation_text.ARXIV}"' in citation
    assert archive["related_identifiers"][0]["identifier"] == f"arXiv:{citation_text.ARXIV}"


def test_law_the_papers_authors_are_those_of_the_citation():
    parts = re.findall(
        r'given-names: "([^"]+)"\n +family-names: "([^"]+)"', (ROOT / "CITATION.cff").read_text()
    )
    assert [f"{family}, {given}" for given, family in parts] == list(citation_text.PAPER_AUTHORS)


def test_law_the_conda_recipe_has_the_requirements():
    run = (ROOT / "packaging/conda/meta.yaml").read_text().partition("  run:\n")[2].partition("\ntest:")[0]
    listed = {
        Requirement(line.strip(" -").replace("matplotlib-base", "matplotlib"))
        for line in run.splitlines()
        if line
    }
    wanted = {Requirement(text) for text in PROJECT["dependencies"]}
    assert {str(one) for one in listed} == {str(one) for one in wanted} | {
        f"python{PROJECT['requires-python']}"
    }


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_law_what_is_built_can_be_installed_and_used(tmp_path, kind):
    code = f"import hatchling.build as b; print(b.build_{kind}({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    built, target = tmp_path / done.stdout.split()[-1], tmp_path / "installed"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
    ]
    subprocess.run([*pip, "--target", str(target), str(built)], check=True, capture_output=True)
    run = "import mcpolar, mcpolar.cli as c; print(mcpolar.__file__); c.main(['bound', 'theorem2', '--steps', '5'])"
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {
        "PYTHONPATH": str(target)
    }
    used = subprocess.run(
        [sys.executable, "-c", run], cwd=tmp_path, env=plain, capture_output=True, text=True, check=True
    )
    assert used.stdout.splitlines()[0].startswith(str(target))
    assert "P >= " in used.stdout
    assert {"py.typed", "claims.json"} <= {path.name for path in (target / "mcpolar").iterdir()}


def test_law_the_source_distribution_is_whole(tmp_path):
    code = f"import hatchling.build as b; print(b.build_sdist({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    with tarfile.open(tmp_path / done.stdout.split()[-1]) as archive:
        inside = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    top = {"CHANGELOG.md", "CITATION.cff", "LICENSE", "Makefile", "README.md", "pyproject.toml", *LOCKS}
    assert top | {"mcpolar/__main__.py", "tests/calibrated.py", "docs/benchmarks.md"} <= inside


def test_law_python_m_mcpolar_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "mcpolar", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, mcpolar.__version__)
    refused = subprocess.run(
        [sys.executable, "-m", "mcpolar", "bount"], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2

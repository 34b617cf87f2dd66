"""Examples run, in docstrings, on the page and beside it; types and stubs are the package's."""

import doctest
import importlib
import os
import pathlib
import pkgutil
import re
import subprocess
import sys

import fixlearn
import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "host" / "docs" / "python.md"


def python(*arguments, cwd=None):
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_tour():
    said = python(ROOT / "host" / "python" / "examples" / "tour.py")
    assert "PSNR" in said and "U-matrix" in said and "file: " in said


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.iter_modules(fixlearn.__path__)]
)
def test_docstrings(name):
    module = importlib.import_module(f"fixlearn.{name}")
    assert module.__doc__
    assert doctest.testmod(module).failed == 0


def test_every_public_name_has_a_page():
    for name in fixlearn.__all__:
        thing = getattr(fixlearn, name)
        if name.startswith("_"):
            continue
        assert thing.__doc__, name
        for method in (m for m in vars(thing) if not m.startswith("_")):
            assert getattr(thing, method).__doc__, f"{name}.{method}"
        parameters = getattr(thing, "_get_param_names", lambda: [])()
        for parameter in parameters:
            assert re.search(rf"\b{parameter}\b", thing.__doc__), f"{name}: {parameter}"


def test_the_page(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", PAGE.read_text(), re.S)
    assert len(blocks) >= 3
    for block, shown in blocks:
        assert python("-W", "ignore", "-c", block, cwd=tmp_path).split() == shown.split(), block


def test_types():
    user = pathlib.Path(__file__).with_name("user.py")
    site = pathlib.Path(fixlearn.__file__).parents[1]
    environment = {**os.environ, "MYPYPATH": str(site)}
    said = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--ignore-missing-imports",
            "--follow-imports",
            "silent",
            "--cache-dir",
            os.devnull,
            str(user),
        ],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    said = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "fixlearn._core"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert said.returncode == 0, said.stdout + said.stderr

"""The sub-packages import each other in one direction only, as the table ALLOWED says.

Imports are read from the source, so those inside functions and under TYPE_CHECKING count, too.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = "cosmos_torch"
ROOT = Path(__file__).resolve().parent.parent / PACKAGE

FOUNDATION = {"failure", "job", "events"}
"""Top-level modules that every sub-package may import. They import only each other."""

ALLOWED: dict[str, set[str]] = {
    "data": set(),
    "model": set(),
    "distributed": {"model"},
    "training": {"data", "model", "distributed"},
    "evaluation": {"data", "model", "distributed", "training"},
    "inference": {"data", "model", "distributed", "training"},
}
"""The sub-packages that each sub-package may import. All other top-level modules may import all."""

Sources = dict[str, str]
"""Source text by module name without the leading `cosmos_torch.`; "" is the package itself."""


def read_sources() -> Sources:
    """Returns the source of every module of the package."""
    sources = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        sources[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text()
    return sources


def imported_modules(module: str, sources: Sources) -> list[str]:
    """Returns the modules of this package that a module imports anywhere in its source."""
    packages = {name.rpartition(".")[0] for name in sources} | set(ALLOWED)
    here = [PACKAGE, *(module.split(".") if module else [])]
    if module and module not in packages:
        here = here[:-1]
    found = []
    for node in ast.walk(ast.parse(sources[module])):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = here[: len(here) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                is_module = whole.removeprefix(f"{PACKAGE}.") in {*sources, *packages}
                found.append(whole if is_module else base)
    inside = [name for name in found if f"{name}.".startswith(f"{PACKAGE}.")]
    return [name.removeprefix(PACKAGE).removeprefix(".") for name in inside]


def forbidden_imports(sources: Sources) -> list[str]:
    """Returns one message per import that ALLOWED or FOUNDATION forbids."""
    messages = []
    for module in sources:
        package = module.split(".")[0]
        if package in ALLOWED:
            allowed = {package} | ALLOWED[package] | FOUNDATION
        elif package in FOUNDATION:
            allowed = FOUNDATION
        else:
            continue
        for target in imported_modules(module, sources):
            if target.split(".")[0] not in allowed:
                rule = ", ".join(sorted(allowed - {package})) or "nothing"
                messages.append(
                    f"{PACKAGE}.{module} imports {PACKAGE}.{target}, "
                    f"but {PACKAGE}.{package} may import only {rule}"
                )
    return messages


def import_circles(sources: Sources) -> list[str]:
    """Returns one message per circle of modules that import each other."""
    graph = {module: set(imported_modules(module, sources)) for module in sources}
    messages: list[str] = []
    finished: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            circle = [*path[path.index(module) :], module]
            messages.append(
                " imports ".join(f"{PACKAGE}.{name}" for name in circle)
                + ", but modules may not import each other in a circle"
            )
        elif module not in finished:
            for target in sorted(graph.get(module, set())):
                visit(target, [*path, module])
            finished.add(module)

    for module in sorted(graph):
        visit(module, [])
    return messages


def test_sub_packages_import_only_what_they_may() -> None:
    messages = forbidden_imports(read_sources())
    assert not messages, "\n".join(messages)


def test_no_modules_import_each_other_in_a_circle() -> None:
    messages = import_circles(read_sources())
    assert not messages, "\n".join(messages)


def test_every_sub_package_has_a_row_in_the_table_and_only_a_docstring() -> None:
    found = {path.parent.name: path for path in ROOT.glob("*/__init__.py")}
    assert found.keys() == ALLOWED.keys()
    for name, path in found.items():
        body = ast.parse(path.read_text()).body
        assert len(body) == 1, f"{PACKAGE}/{name}/__init__.py holds more than a docstring"
        assert ast.get_docstring(ast.Module(body, [])), f"{PACKAGE}/{name}/__init__.py says nothing"


PLANTED = {
    "a later package": (
        "data.plan",
        "from ..training.trainer import Trainer",
        "data.plan imports cosmos_torch.training.trainer, "
        "but cosmos_torch.data may import only events, failure, job",
    ),
    "inside a function": (
        "model.llama",
        "def late():\n    from ..data import plan",
        "model.llama imports cosmos_torch.data.plan, ",
    ),
    "under TYPE_CHECKING": (
        "training.guard",
        "if TYPE_CHECKING:\n    from ..train import Run",
        "training.guard imports cosmos_torch.train, ",
    ),
    "by its full name": (
        "evaluation.score",
        "import cosmos_torch.inference.generate as other",
        "evaluation.score imports cosmos_torch.inference.generate, ",
    ),
    "a whole package": (
        "inference.export",
        "from cosmos_torch import evaluation",
        "inference.export imports cosmos_torch.evaluation, ",
    ),
    "in __init__": (
        "distributed",
        "from .. import training",
        "distributed imports cosmos_torch.training, ",
    ),
    "in the foundation": (
        "failure",
        "from .data.shards import Shard",
        "failure imports cosmos_torch.data.shards, but cosmos_torch.failure may import only",
    ),
    "a circle within a package": (
        "training.optimizer",
        "def late():\n    from .trainer import Trainer",
        "training.trainer imports cosmos_torch.training.optimizer "
        "imports cosmos_torch.training.trainer, ",
    ),
}


@pytest.mark.parametrize(("module", "source", "message"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_import_is_found(module: str, source: str, message: str) -> None:
    planted = {**read_sources(), module: source}
    messages = forbidden_imports(planted) + import_circles(planted)
    assert any(message in found for found in messages), messages

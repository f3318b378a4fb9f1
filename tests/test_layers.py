"""Dependencies run one way: `errors, settings <- {kernels, storage} <- data <- engine <- methods <- api <- rest`."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "syncopy"

# What each layer may import of ours, besides itself.
BASE = {"errors", "markup", "settings"}
DATA = BASE | {"kernels", "storage", "data"}
METHODS = DATA | {"engine", "methods"}
ALLOWED = {
    "__init__": set(),
    "errors": set(),
    "markup": set(),
    "settings": {"errors", "markup"},
    "kernels": set(),
    "storage": BASE,
    "data": BASE | {"storage"},
    "engine": DATA,
    "methods": METHODS,
    "api": METHODS,
    "io": DATA - {"kernels"},
    "synthdata": DATA,
    "plotting": METHODS | {"api"},
    "testing": METHODS | {"api"},
    "cluster": BASE | {"storage", "engine", "io"},
    "demo": METHODS | {"api", "io", "synthdata", "plotting"},
    "cli": METHODS | {"api", "io", "synthdata", "plotting", "demo"},
    "__main__": {"cli"},
}
# Third-party packages that only some places may import at all.
CONFINED = {
    "h5py": {"storage", "io"},
    "dask": {"engine/distributed.py", "cluster.py"},
    "distributed": {"engine/distributed.py", "cluster.py"},
    "dask_jobqueue": {"cluster.py"},
    "matplotlib": {"plotting"},
    "mne": {"io", "plotting"},
    "pynwb": {"io"},
    "neo": {"io"},
}


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from [node.module] if node.module != "syncopy" else (f"syncopy.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_follow_the_layers(path):
    relative = path.relative_to(SOURCE)
    layer = relative.parts[0].removesuffix(".py")
    for name in imports(ast.parse(path.read_text())):
        parts = name.split(".")
        if parts[0] == "syncopy":
            # the bare public namespace is what users see: only what stands above everything may use it
            target = parts[1] if len(parts) > 1 else "public"
            allowed = ALLOWED[layer] | {layer} | ({"public"} if layer in ("testing", "demo", "cli") else set())
            assert target in allowed, f"{relative} imports {name}"
        elif parts[0] in CONFINED:
            places = CONFINED[parts[0]]
            assert {relative.parts[0], str(relative)} & places, f"{relative} imports {name}"

"""What a source file names: every imported name as written in full, at its import and wherever it is used, through aliases."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Mention = tuple[int, str]
"""Line, and the dotted name, like "datetime.datetime.now"."""


def mentions(tree: ast.Module) -> Iterator[Mention]:
    """Every outside name of a file. A name bound twice stands for all it was ever bound to: the check errs to the strict."""
    bound = _imported(tree)
    while _bind_aliases(tree, bound):
        pass
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Name | ast.Attribute | ast.Call) and id(node) not in inner:
            yield from ((node.lineno, name) for name in sorted(_names(node, bound)))


def attributes(tree: ast.Module) -> Iterator[Mention]:
    """Every attribute taken of anything, and every method defined: for what Qt objects and connections can do by themselves."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef):
            yield node.lineno, node.name


def _imported(tree: ast.Module) -> dict[str, set[str]]:
    bound: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                bound.setdefault(alias.asname or root, set()).add(alias.name if alias.asname else root)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                bound.setdefault(alias.asname or alias.name, set()).add(f"{node.module}.{alias.name}")
    return bound


def _bind_aliases(tree: ast.Module, bound: dict[str, set[str]]) -> bool:
    """`now = datetime.now`: the name on the left stands for the one on the right. True when something new was bound."""
    grew = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            targets = [node.target]
        else:
            continue
        found = _names(node.value, bound) if node.value is not None else set()
        for target in targets:
            if isinstance(target, ast.Name) and not found <= bound.get(target.id, set()):
                bound.setdefault(target.id, set()).update(found)
                grew = True
    return grew


def _names(node: ast.expr, bound: dict[str, set[str]]) -> set[str]:
    if isinstance(node, ast.Name):
        return bound.get(node.id, {node.id} if node.id in ("__import__", "eval", "exec") else set())
    if isinstance(node, ast.Attribute):
        return {f"{name}.{node.attr}" for name in _names(node.value, bound)}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        first, second = [*node.args, None, None][:2]
        if first is not None and isinstance(second, ast.Constant):
            return {f"{name}.{second.value}" for name in _names(first, bound)}
    return set()

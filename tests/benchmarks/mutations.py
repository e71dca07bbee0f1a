"""The share of small faults that tests notice: a sampled mutation run on the modules that give verdicts.

``python tests/benchmarks/mutations.py`` changes one operator, number, word or condition at a time in a sample
of places of each module, runs the tests that mirror it, and prints the share that fails and every fault that
passed. Names restrict it to some modules (``verdicts/rules``); ``--per-module 0`` tries every place.

Each fault runs in a process of its own, forked before anything of echemscreen is imported, so that nothing
stale is tested: mutmut 3.8 reported faults as unnoticed which the same tests notice when the line is changed
by hand.
"""

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.util
import os
import random
import re
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Module and the tests that mirror it.
MODULES = {
    "verdicts/alignment": ("verdicts/test_alignment.py", "verdicts/test_exposure.py"),
    "verdicts/criteria": ("verdicts/test_criteria.py",),
    "verdicts/exposure": ("verdicts/test_exposure.py",),
    "verdicts/ledger": ("verdicts/test_ledger.py",),
    "verdicts/posterior": ("verdicts/test_posterior.py", "verdicts/test_ranking.py"),
    "verdicts/ranking": ("verdicts/test_ranking.py",),
    "verdicts/rules": ("verdicts/test_rules.py", "verdicts/test_exposure.py"),
    "verdicts/use": ("verdicts/test_use.py",),
    "levels/fit/prediction": ("levels/test_prediction.py",),
    "scales": ("test_scales.py",),
    "dots/couples": ("dots/test_couples.py", "dots/test_materials.py"),
}
#: Faults that change nothing that can be seen, and why.
EQUIVALENT: dict[tuple[str, str], str] = {
    ("verdicts/alignment", "drive_ev > 0  ->  drive_ev >= 0"): "zero is told apart before",
    ("verdicts/exposure", "4.0  ->  5.0"): "nodes beyond four standard deviations weigh nothing",
    ("verdicts/exposure", "161  ->  162"): "one node more in steps of a twentieth of a standard deviation",
    ("verdicts/ranking", "0.0  ->  1.0"): "a coordinate that all points share; or what only must exceed -1",
}
#: What the tests import besides echemscreen, once for all faults.
PRELOADED = (
    "hypothesis",
    "numpy",
    "pandas",
    "pymatgen.core",
    "pytest",
    "rdkit.Chem",
    "scipy.stats",
    "sklearn",
)

_ORDERS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
}
_EQUALITIES = {ast.Eq: ast.NotEq, ast.Is: ast.IsNot, ast.In: ast.NotIn}
_COMPARISONS = {
    **_ORDERS,
    **{key: (value,) for key, value in _EQUALITIES.items()},
    **{value: (key,) for key, value in _EQUALITIES.items()},
}
_ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Fault:
    """One place of a module, changed."""

    line: int
    words: str
    tree: ast.Module


def changed(node):  # noqa: C901, PLR0912 - one case for each kind of fault
    """Every single change of one node, as new nodes."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            for other in _COMPARISONS[type(op)]:
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            yield ast.BinOp(node.left, _ARITHMETIC[type(op)](), node.right)
        case ast.AugAssign(op=op) if type(op) in _ARITHMETIC:
            yield ast.AugAssign(node.target, _ARITHMETIC[type(op)](), node.value)
        case ast.BoolOp(op=op):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str(value)) if re.fullmatch(r"[\w.]+", value):
            yield ast.Constant(f"not_{value}")
        case ast.Return(value=value) if value is not None and not (
            isinstance(value, ast.Constant) and value.value is None
        ):
            yield ast.Return(ast.Constant(None))
        case ast.If(test=test):
            yield ast.If(ast.UnaryOp(ast.Not(), test), node.body, node.orelse)
        case ast.IfExp(test=test):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), node.body, node.orelse)
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            yield ast.Call(ast.Name(_CALLS[name], ast.Load()), node.args, node.keywords)


def places(node):
    """Children that run: no type, decorator or docstring; each with its parent, field and index."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list"}:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            match child:
                case ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None) | ast.keyword(arg="strict"):
                    continue  # words, a field's type, what asks for an error of the program
                case ast.Assign(value=value) if "Literal[" in ast.unparse(value):
                    continue
                case ast.Constant(value=str()) if isinstance(node, ast.JoinedStr | ast.Tuple):
                    continue  # words for a reader
            if not isinstance(child, ast.AST):
                continue
            yield node, name, index, child
            yield from places(child)


def faults(source):
    """Every fault of a module."""
    tree = ast.parse(source)
    for parent, name, index, child in list(places(tree)):
        for new in changed(child):
            line = getattr(child, "lineno", 0)
            ast.copy_location(new, child)

            def put(node, parent=parent, name=name, index=index):
                if index is None:
                    setattr(parent, name, node)
                else:
                    getattr(parent, name)[index] = node

            put(new)
            whole = ast.fix_missing_locations(copy.deepcopy(tree))
            put(child)
            before, after = (ast.unparse(part).splitlines()[0] for part in (child, new))
            yield Fault(line, f"{before}  ->  {after}", whole)


class Faulty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed module in place of the file."""

    def __init__(self, module, tree, path):
        self.module, self.tree, self.path = module, tree, path

    def find_spec(self, fullname, _path=None, _target=None):
        if fullname != self.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def create_module(self, _spec):
        return None

    def exec_module(self, module):
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def passes(module, tree, tests, limit_s):
    """Whether the tests pass on a module in a process of its own; what hangs does not."""
    child = os.fork()
    if not child:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        name = f"echemscreen.{module.replace('/', '.')}"
        sys.meta_path.insert(0, Faulty(name, tree, ROOT / "echemscreen" / f"{module}.py"))
        import pytest  # noqa: PLC0415 - of this process

        code = pytest.main(
            [
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                "-W",
                "ignore::pytest.PytestAssertRewriteWarning",
                *(f"tests/{path}" for path in tests),
            ]
        )
        os._exit(0 if code == pytest.ExitCode.OK and name in sys.modules else 1)
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def run(module, tests, per_module, seed):
    """Print one module's share; returns how many faults were noticed, of how many."""
    source = (ROOT / "echemscreen" / f"{module}.py").read_text(encoding="utf-8")
    start = time.monotonic()
    if not passes(module, ast.parse(source), tests, 600):
        sys.exit(f"The tests of {module} fail without a fault: {' '.join(tests)}")
    limit_s = 10 + 3 * (time.monotonic() - start)
    every = list(faults(source))
    sample = [item for item in every if (module, item.words) not in EQUIVALENT]
    if per_module:
        sample = random.Random(f"{seed} {module}").sample(sample, min(per_module, len(sample)))
    survived = [item for item in sample if passes(module, item.tree, tests, limit_s)]
    noticed = len(sample) - len(survived)
    share = f"{noticed:3d} of {len(sample):3d} noticed, {noticed / len(sample):4.0%}"
    print(f"{module:24s} {share}  (of {len(every)} places)")
    for item in sorted(survived, key=lambda item: item.line):
        print(f"    line {item.line}: {item.words}")
    sys.stdout.flush()
    return noticed, len(sample)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="*", help="such as verdicts/rules; all without any")
    parser.add_argument("--per-module", type=int, default=40, help="faults of each module; 0 for every one")
    parser.add_argument("--seed", type=int, default=18)
    asked = parser.parse_args()
    if unknown := set(asked.modules) - set(MODULES):
        parser.error(f"unknown module {', '.join(sorted(unknown))}: {', '.join(MODULES)}")
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    for name in PRELOADED:
        importlib.import_module(name)
    from hypothesis import HealthCheck, settings  # noqa: PLC0415 - preloaded

    settings.register_profile(
        "mutations",
        database=None,
        derandomize=True,
        deadline=None,
        max_examples=30,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutations")
    counts = [run(name, MODULES[name], asked.per_module, asked.seed) for name in asked.modules or MODULES]
    noticed, of = map(sum, zip(*counts, strict=True))
    print(f"all modules: {noticed} of {of} noticed, {noticed / of:.0%}")


if __name__ == "__main__":
    main()

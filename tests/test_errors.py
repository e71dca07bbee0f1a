"""Every error survives pickling with its words: they cross process borders."""

import inspect
import pickle

import pytest

from echemscreen import errors

CLASSES = [
    item
    for _, item in inspect.getmembers(errors, inspect.isclass)
    if issubclass(item, errors.EchemscreenError)
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda item: item.__name__)
def test_pickle(kind):
    error = kind("What is wrong.", "What to do.")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.message, copy.remedy, copy.kind) == (error.message, error.remedy, error.kind)
    assert str(copy) == "What is wrong. What to do."


def test_a_structure_error_keeps_its_cause():
    copy = pickle.loads(pickle.dumps(errors.StructureError("a", "b", "radical")))
    assert copy.kind == "radical"

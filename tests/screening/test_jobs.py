"""Which row starts next: by invariants, on plans of made-up pieces."""

from hypothesis import given
from hypothesis import strategies as st

from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import InputRow
from echemscreen.screening.plan import Plan
from echemscreen.screening.workers.jobs import ROWS_PER_CALL, Job, Waiting
from echemscreen.screening.workers.work import LONGEST_S


class Pieces:
    """A store that knows some pieces, and another run that computes others."""

    def __init__(self, known=(), elsewhere=()):
        self.known, self.elsewhere, self.claimed = set(known), set(elsewhere), []

    def knows(self, keys):
        return set(keys) <= self.known

    def claim(self, keys):
        if self.elsewhere & set(keys):
            return False
        self.claimed += keys
        return True


def job(index, keys, n_heavy=1):
    molecule = Molecule(
        name=f"m{index}", smiles="C", canonical_smiles="C", inchikey="", formula="", charge=0, n_heavy=n_heavy
    )
    plan = Plan(molecule=molecule, forms={}, claims=tuple(keys), keys=tuple(keys))
    return Job(index, InputRow(index=index, location="", entry=molecule), plan)


def waiting(store, jobs):
    found = Waiting(store)
    for item in jobs:
        found.planned(item)
    return found


keys = st.sets(st.sampled_from("abcdef"), min_size=1, max_size=3)


@given(st.lists(keys, max_size=12), st.sets(st.sampled_from("abcdef")), st.data())
def test_no_two_rows_in_flight_compute_the_same_and_every_row_starts(wanted, known, data):
    jobs = [job(index, own, n_heavy=index % 4) for index, own in enumerate(wanted)]
    queue = waiting(Pieces(known), jobs)
    flying, begun = [], []
    while len(queue) or flying:
        for together in queue.starting():
            queue.started(together)
            flying.append(together)
            begun += together
            if data.draw(st.booleans()):
                break
        busy = [key for call in flying for item in call for key in item.keys]
        assert len(busy) == len(set(busy))
        assert flying
        landed = flying.pop(data.draw(st.integers(0, len(flying) - 1)))
        queue.landed(landed)
        for item in landed:
            queue.took(item, data.draw(st.floats(0.0, 1.0)))
    assert sorted(item.index for item in begun) == list(range(len(jobs)))


def test_the_largest_go_first_and_alone_until_rows_are_known_to_be_quick():
    sizes = [3, 9, 5, 9, 1]
    queue = waiting(Pieces(), [job(index, [str(index)], n_heavy=n) for index, n in enumerate(sizes)])
    assert [[item.index for item in call] for call in queue.starting()] == [[1], [3], [2], [0], [4]]
    queue = waiting(Pieces(), [job(index, [str(index)]) for index in range(3 * ROWS_PER_CALL)])
    for _ in range(50):
        queue.took(job(0, "x"), LONGEST_S / 1000)
    assert [len(call) for call in queue.starting()] == [3 * ROWS_PER_CALL]
    queue = waiting(Pieces(), [job(index, [str(index)]) for index in range(3)])
    for _ in range(50):
        queue.took(job(0, "x"), 10 * LONGEST_S)
    assert [len(call) for call in queue.starting()] == [1, 1, 1]


def test_a_small_row_is_not_overtaken_by_all_that_is_larger():
    queue = waiting(Pieces(), [job(index, [str(index)], n_heavy=index) for index in range(200)])
    started = [item.index for call in queue.starting() for item in call]
    assert sorted(started) == list(range(200))
    assert max(place for place, index in enumerate(started) if index == 0) < 64


def test_stored_rows_go_before_others_and_say_nothing_of_their_time():
    queue = waiting(Pieces(known="ab"), [job(0, "c", n_heavy=9), job(1, "a"), job(2, "b")])
    assert [[item.index for item in call] for call in queue.starting()] == [[1, 2], [0]]
    queue = waiting(Pieces(known="a"), [stored := job(0, "a")])
    for _ in range(50):
        queue.took(stored, 0.0)
    for index in range(4):
        queue.planned(job(index, [f"new {index}"]))
    assert [len(call) for call in queue.starting()] == [1, 1, 1, 1, 1]


def test_what_another_run_computes_waits_and_is_asked_for_again():
    store = Pieces(elsewhere="b")
    queue = waiting(store, [job(0, "a"), held := job(1, "b")])
    assert [[item.index for item in call] for call in queue.starting()] == [[0]]
    assert queue.waits_for_others
    assert list(queue.starting()) == []
    store.elsewhere.clear()
    held.not_before = 0.0
    assert [[item.index for item in call] for call in queue.starting()] == [[1]]
    assert store.claimed == ["a", "b"]
    assert not queue.waits_for_others


def test_rows_of_a_call_that_failed_go_alone_and_what_was_left_goes_first():
    queue = waiting(Pieces(), [])
    failed, left, unread = job(0, "a"), job(1, "b"), Job(2, job(2, "c").row)
    queue.unread.append(Job(3, job(3, "d").row))
    queue.again(failed, alone=True)
    queue.again(left)
    queue.again(unread)
    assert list(queue.suspects) == [failed]
    assert [item.index for item in queue.reading()] == [2, 3]
    assert [[item.index for item in call] for call in queue.starting()] == [[1]]

"""The writing lock: in turn, bounded, never lost."""

from __future__ import annotations

import threading

from service.store.turns import Turns

WAIT_S = 10.0


def test_it_is_given_in_the_order_in_which_it_was_asked_for() -> None:
    turns, order = Turns(), []
    assert turns.acquire(WAIT_S)

    def take(number: int) -> None:
        assert turns.acquire(WAIT_S)
        order.append(number)
        turns.release()

    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=take, args=(number,)))
        threads[-1].start()
        while len(turns._waiting) <= number:
            pass
    turns.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_who_gives_it_up_does_not_get_it_back_before_those_who_wait() -> None:
    turns, greedy, has_had = Turns(), 0, threading.Event()
    assert turns.acquire(WAIT_S)

    def wait() -> None:
        assert turns.acquire(WAIT_S)
        has_had.set()
        turns.release()

    thread = threading.Thread(target=wait)
    thread.start()
    while not turns._waiting:
        pass
    turns.release()
    while not has_had.is_set():
        assert turns.acquire(WAIT_S)
        greedy += 1
        turns.release()
    thread.join()
    assert greedy == 1, "it came back once, behind the one who waited"


def test_waiting_ends_after_a_while_and_takes_no_turn() -> None:
    turns = Turns()
    assert turns.acquire(WAIT_S)
    assert not turns.acquire(0.0)
    turns.release()
    assert turns.acquire(0.0)
    turns.release()


def test_nobody_is_let_in_beside_another_and_none_is_forgotten() -> None:
    turns, inside, most, done = Turns(), 0, 0, []

    def work(number: int) -> None:
        nonlocal inside, most
        for _ in range(50):
            # Some give up at once, which must not lose the turn of anybody else.
            if turns.acquire(0.0 if number % 3 == 0 else WAIT_S):
                inside += 1
                most = max(most, inside)
                inside -= 1
                turns.release()
            else:
                assert number % 3 == 0
        done.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, len(done)) == (1, 9)
    assert turns.acquire(0.0)

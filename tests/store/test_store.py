"""The store: what was kept is there again, and what cannot be used is refused in a sentence."""

import asyncio
import sqlite3
from pathlib import Path
from threading import Event

import pytest

from mockatell.core.sidecar.rows import (
    AttemptRow,
    CountersRow,
    DeliveryRow,
    Drop,
    Forget,
    MessageRow,
    NoteRow,
    PersonRow,
    ScenarioRow,
)
from mockatell.errors import StoreError
from mockatell.model import Cause, Outcome, Role
from mockatell.shell.store import MemoryStore, SqliteStore
from mockatell.shell.store.tables import APPLICATION, VERSION


def message(number):
    return MessageRow(
        f"m{number}", number, "sent", "sms", "text", "27", "28", None, "hé \x00 \U0001f600", 1.5
    )


def delivery(seq):
    return DeliveryRow(
        seq, 0.5, Cause.ORIGINAL, Role.STATUS, "k", "m1", b"\x00\xff", 1, 0, None, 1, (), "m1"
    )


def attempt(seq, number):
    return AttemptRow(
        seq, number, 0.5, 0.5, 0.6, Outcome.REJECTED, 500, "no", 9.0, (("A", "b"),), b"\xff"
    )


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "sidecar.db")


def kept(path, *calls):
    """What a store has after these calls and a restart."""

    async def main():
        store = SqliteStore(path, patience=0.01)
        for call in calls:
            await store.keep(call)
        await store.aclose()
        again = SqliteStore(path, patience=0.01)
        rows = again.load()
        await again.aclose()
        return rows

    return asyncio.run(main())


def test_rows_come_back_as_they_were_each_sort_in_order(path):
    rows = [CountersRow(1, 5), NoteRow("a", b"1"), PersonRow("27", 5, True), ScenarioRow("s", "x")]
    rows += [message(n) for n in (2, 1)]
    rows += [delivery(seq) for seq in range(1, 500)]
    rows += [attempt(1, 1), attempt(1, 2)]
    assert kept(path, rows) == rows


def test_a_row_replaces_the_one_of_its_key_within_a_call_and_later(path):
    first, second, third = (NoteRow("a", value) for value in (b"1", b"2", b"3"))
    assert kept(path, [first, second]) == [second]
    assert kept(path, [third]) == [third]


def test_a_delivery_s_attempts_go_with_it(path):
    rows = [delivery(1), delivery(2), attempt(1, 1), attempt(2, 1)]
    assert kept(path, rows, [Drop(DeliveryRow, 1)]) == [delivery(2), attempt(2, 1)]
    assert kept(path, [delivery(3), attempt(3, 1), Drop(DeliveryRow, 3)]) == [
        delivery(2),
        attempt(2, 1),
    ]


def test_what_is_forgotten_is_gone_and_what_comes_after_is_not(path):
    assert kept(path, [message(1)], [message(2), Forget(), message(3)]) == [message(3)]


def test_what_is_dropped_and_kept_again_in_one_call_is_there(path):
    person = PersonRow("27", 5, True)
    assert kept(path, [person, Drop(PersonRow, "27"), person, Drop(PersonRow, "28")]) == [person]
    assert kept(path, [Drop(PersonRow, "27"), person, Drop(PersonRow, "27")]) == []


def test_people_come_back_in_the_order_in_which_they_were_kept_last(path):
    first, second = PersonRow("27", 5, True), PersonRow("28", 6, False)
    assert kept(path, [first, second, first]) == [second, first]


def test_many_are_dropped_at_once(path):
    rows = [delivery(seq) for seq in range(1000)]
    assert kept(path, rows, [Drop(DeliveryRow, seq) for seq in range(999)]) == [delivery(999)]


def test_calls_that_come_together_share_a_transaction(path):
    async def main():
        store = SqliteStore(path)
        futures = {store.keep([message(number)]) for number in range(100)}
        await asyncio.gather(*futures)
        await store.aclose()
        return len(futures)

    assert asyncio.run(main()) < 100


def test_what_was_not_waited_for_is_kept_when_it_is_closed(path):
    async def main():
        store = SqliteStore(path)
        store.keep([message(1)])
        await store.aclose()

    asyncio.run(main())
    assert kept(path) == [message(1)]


def refusal(path):
    with pytest.raises(StoreError) as caught:
        SqliteStore(str(path), patience=0.01)
    words = str(caught.value)
    assert str(path) in words
    assert "\n" not in words
    return words


def test_a_store_in_use_is_refused_and_then_is_free_again(path):
    async def main():
        store = SqliteStore(path)
        words = refusal(path)
        await store.aclose()
        return words

    assert "another process uses it" in asyncio.run(main())
    assert kept(path) == []


def test_a_store_of_a_newer_version_is_refused_and_left_alone(path):
    kept(path, [message(1)])
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    assert "a newer mockatell wrote it" in refusal(path)
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        database.execute(f"PRAGMA user_version = {VERSION}")
    database.close()
    assert kept(path) == [message(1)]


def test_a_database_of_something_else_is_refused_and_left_alone(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE messages (id)")
    database.close()
    assert "a database of something else" in refusal(path)
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA application_id").fetchone() == (0,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    database.close()


def test_what_is_no_database_is_refused(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to be one: " * 99)
    assert "it is not a database" in refusal(text)
    assert "it is a folder" in refusal(tmp_path)
    assert "there is no folder" in refusal(tmp_path / "none" / "a.db")


def test_an_empty_file_becomes_a_store(path):
    Path(path).touch()
    assert kept(path, [message(1)]) == [message(1)]


@pytest.mark.parametrize("where", [0.3, 0.5, 0.9])
def test_a_damaged_store_is_refused_or_says_what_cannot_be_read(path, where):
    kept(path, [delivery(seq) for seq in range(2000)])
    with Path(path).open("r+b") as file:
        file.seek(0, 2)
        file.seek(int(file.tell() * where) // 4096 * 4096)
        file.write(b"\xde\xad" * 2048)
    assert "damaged" in refusal(path)


def test_a_cut_off_store_is_refused(path):
    kept(path, [delivery(seq) for seq in range(2000)])
    with Path(path).open("r+b") as file:
        file.truncate(3 * 4096)
    assert "damaged" in refusal(path)


def test_a_row_that_is_none_of_ours_is_told_as_damage(path):
    kept(path, [message(1)])
    with sqlite3.connect(path) as database:
        database.execute("UPDATE messages SET row = x'00'")
    database.close()
    with pytest.raises(StoreError, match="damaged"):
        kept(path)


def test_a_file_that_may_not_be_written_is_refused(path, monkeypatch):
    kept(path, [message(1)])
    connect = sqlite3.connect

    def read_only(_path, **given):  # root may write what the mode forbids: SQLite is told outright
        return connect(f"file:{path}?mode=ro", uri=True, **given)

    monkeypatch.setattr("mockatell.shell.store.sqlite.sqlite3.connect", read_only)
    assert "may not be written" in refusal(path)


def test_a_full_disk_is_told_to_whoever_waits_and_to_everyone_after(path):
    async def main():
        store = SqliteStore(path)
        pages = store._database.execute("PRAGMA page_count").fetchone()[0]
        store._database.execute(f"PRAGMA max_page_count = {pages + 3}")
        rows = [delivery(seq) for seq in range(5000)]
        with pytest.raises(StoreError, match="the disk is full"):
            await store.keep(rows)
        with pytest.raises(StoreError, match="the disk is full"):
            store.keep([message(1)])
        await store.aclose()

    asyncio.run(main())
    assert kept(path) == []


def test_a_failure_that_nobody_waits_for_makes_no_noise(path):
    async def main():
        store = SqliteStore(path)
        store._database.execute("DROP TABLE messages")
        store.keep([message(1)])
        await store.aclose()

    asyncio.run(main())


class Halting(SqliteStore):
    """Waits before its first batch until it may go on."""

    def __init__(self, path):
        self.begun, self.may_go = Event(), Event()
        super().__init__(path)

    def _written(self, batch):
        self.begun.set()
        assert self.may_go.wait(10)
        return super()._written(batch)


def test_what_was_queued_behind_a_failure_fails_as_well_and_so_does_all_after(path):
    async def main():
        store = Halting(path)
        store._database.execute("DROP TABLE messages")
        first = store.keep([message(1)])
        await asyncio.to_thread(store.begun.wait, 10)
        queued = store.keep([delivery(1)])
        assert queued is not first
        store.may_go.set()
        for each in (first, queued):
            with pytest.raises(StoreError, match="no such table: messages"):
                await each
        with pytest.raises(StoreError, match="no such table: messages"):
            store.keep([delivery(2)])
        await store.aclose()

    asyncio.run(main())
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)
    database.close()


def test_a_row_that_cannot_be_written_down_is_a_failure_and_nobody_waits_for_ever(path):
    async def main():
        store = SqliteStore(path)
        with pytest.raises(StoreError, match="a row cannot be kept"):
            await asyncio.wait_for(store.keep([NoteRow("\ud800", b"1")]), 10)
        with pytest.raises(StoreError, match="a row cannot be kept"):
            store.keep([message(1)])
        await store.aclose()

    asyncio.run(main())
    assert kept(path) == []


def test_the_file_is_marked_as_ours(path):
    kept(path)
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_memory_keeps_nothing():
    store = MemoryStore()
    assert store.keep([message(1)]) is None
    assert store.load() == []
    asyncio.run(store.aclose())

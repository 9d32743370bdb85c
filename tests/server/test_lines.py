"""The log of requests: a line each, but not for every one of a flood."""

import logging

from mockatell.clickatell.standin.refusals import Refused, refuse
from mockatell.server.lines import MOST, Lines


def lines(caplog):
    return [(each.levelno, each.getMessage()) for each in caplog.records]


def write(log, now, times=1, door="one_api"):
    for _ in range(times):
        log.write(now, door, "POST", "/v1/message", 202, 0.01)


def test_a_request_has_a_line_that_says_how_it_went(caplog):
    caplog.set_level(logging.DEBUG)
    write(Lines(), 0.0)
    assert lines(caplog) == [(logging.INFO, "POST /v1/message 202")]
    assert (caplog.records[0].door, caplog.records[0].seconds) == ("one_api", 0.01)


def test_who_only_looks_at_the_page_is_not_worth_one(caplog):
    caplog.set_level(logging.DEBUG)
    log = Lines()
    write(log, 0.0, MOST + 1, door="page")
    assert {level for level, _ in lines(caplog)} == {logging.DEBUG}


def test_of_a_flood_so_many_lines_a_second_are_written_and_it_is_said_once(caplog):
    caplog.set_level(logging.INFO)
    log = Lines()
    write(log, 0.5, MOST)
    assert len(lines(caplog)) == MOST
    write(log, 0.9, 1_000)
    assert len(lines(caplog)) == MOST + 1
    assert "more than 100 requests in a second" in lines(caplog)[-1][1]
    write(log, 1.0)
    assert lines(caplog)[-1][1] == "POST /v1/message 202"


def test_who_debugs_reads_all_of_them(caplog):
    caplog.set_level(logging.DEBUG)
    write(Lines(), 0.0, MOST + 50)
    assert len(lines(caplog)) == MOST + 50 + 1


def test_a_refusal_has_a_line_that_says_what_for_and_for_whom(caplog):
    caplog.set_level(logging.INFO)
    refusal = refuse(25, "a\nb", why="because")
    Lines().refused(0.0, Refused(refusal, "a\nb", "order-1"))
    [(level, line)] = lines(caplog)
    assert level == logging.INFO
    assert line.startswith("refused: 25 Invalid recipient address: ")
    assert line.endswith("; because; to 'a\\nb'; clientMessageId 'order-1'")
    assert "\n" not in line
    assert (caplog.records[0].code, caplog.records[0].to) == (25, "a\nb")


def test_refusals_and_requests_share_the_limit(caplog):
    caplog.set_level(logging.INFO)
    log = Lines()
    for _ in range(1_000):
        log.refused(0.0, Refused(refuse(43)))
    write(log, 0.0, 10)
    assert len(lines(caplog)) == MOST + 1

"""What is refused, and in which words: the errors are part of what users touch."""

from __future__ import annotations

from pathlib import Path

import pytest

MESSAGES = "messages: [{count: 1}]\n"


def _cases():
    text = Path(__file__).with_name("bad_input.txt").read_text(encoding="utf-8")
    for section in text.split("\n=== ")[1:]:
        title, _, blocks = section.partition("\n")
        template, *cases = blocks.strip().split("\n\n")
        for case in cases:
            given, _, error = case.strip().partition("=> ")
            yaml = template.replace("HERE", given.rstrip("\n"))
            yield pytest.param(f"{yaml}\n", error, id=f"{title}-{given[:40]!r}")


@pytest.mark.parametrize(("yaml", "error"), list(_cases()))
def test_a_mistake_is_told_in_these_words(yaml, error, refusal):
    assert refusal(yaml) == error


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "~\n", "\ufeff", b"", b"\xef\xbb\xbf"]
)
def test_nothing_at_all(text, refusal):
    assert refusal(text) == "s.yaml: is empty (write messages: and a list)"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c\n", 1),
        ("seed: 1\na: [1, 2\n", 3),
        ("\tseed: 1\n", 1),
        ("seed: 1\nname: @x\n", 2),
        ("%YAML 99999999999999.1\n---\n", 1),
    ],
)
def test_what_is_not_yaml_is_told_in_the_parser_s_words(text, line, refusal):
    assert refusal(text).startswith(f"s.yaml:{line}: is not YAML: ")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"\xff\xfes\x00", "s.yaml: is UTF-16 (save it as UTF-8)"),
        (b"\xfe\xff\x00s", "s.yaml: is UTF-16 (save it as UTF-8)"),
        (b"seed: 1\nname: \xe9\n", "s.yaml:2: is not UTF-8: byte 0xe9 (save it as UTF-8)"),
        (
            b"seed: 1\nname: \x00\n",
            "s.yaml:2: holds the character U+0000, which no text has (is it a text file?)",
        ),
        (
            "name: \x1b[31m\n",
            "s.yaml:1: holds the character U+001B, which no text has (is it a text file?)",
        ),
        (
            "name: \ud800\n",
            "s.yaml:1: holds the character U+D800, which no text has (is it a text file?)",
        ),
    ],
)
def test_what_is_not_text(text, error, refusal):
    assert refusal(text) == error


@pytest.mark.parametrize("nest", ["[", "- ", "{a: ", "a: {b: ["])
def test_five_thousand_levels(nest, refusal):
    assert "is nested more than 64 deep" in refusal(nest * 5000)


def test_depth_behind_aliases(refusal):
    deep = "a: &a " + "[" * 40 + "]" * 40
    assert "is nested more than 64 deep" in refusal(f"{deep}\nb: {'[' * 40}*a{']' * 40}\n")


def test_an_alias_bomb(refusal):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
    )
    assert refusal(bomb).startswith("s.yaml:5: a4: holds more than 100000 values, aliases counted")


def test_a_bomb_of_merge_keys_stays_small(refusal):
    bomb = "m0: &m0 {a: 1}\n" + "".join(
        f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 50)}]}}\n" for n in range(1, 30)
    )
    assert "unknown key 'm0'" in refusal(bomb)


def test_a_bomb_of_text(refusal):
    text = f"a: &a {'x' * 500_000}\nb: [{', '.join(['*a'] * 1000)}]\n"
    assert "holds more than 100000 values" in refusal(text)


def test_a_bomb_in_the_environment(refusal):
    text = "a: [" + ", ".join(['"${BIG}"'] * 100) + "]\n"
    assert "holds more than 100000 values" in refusal(text, env={"BIG": "x" * 100_000})


@pytest.mark.parametrize("text", ["x" * 10_000_000, b"x" * 10_000_000])
def test_ten_megabytes(text, refusal):
    assert refusal(text) == "s.yaml: is longer than 1 MiB (use count: for many messages)"


@pytest.mark.parametrize(
    "number", ["9" * 5000, "-" + "9" * 20, "0x" + "f" * 40, "9223372036854775808"]
)
def test_endless_integers(number, refusal):
    error = "a number of more than 64 bits (if it is text, put it in quotes)"
    assert refusal(f"seed: {number}\n") == f"s.yaml:1: seed: {error}"


def test_endless_names(refusal):
    error = refusal(f"{MESSAGES}? {'k' * 100_000}\n: 1\n")
    assert len(error) < 300
    error = refusal(f"{MESSAGES}name: {'n' * 100_000}\n")
    assert error == "s.yaml:2: name: is longer than 200 characters"


def test_no_escape_sequence_reaches_the_terminal(refusal):
    error = refusal('messages: [{"\\e[31m": 1, at: "\\e[2J"}]')
    assert error.isprintable()


def test_half_a_surrogate_pair_whatever_parser_there_is(refusal, monkeypatch):
    import yaml

    monkeypatch.setattr("mockatell.core.scenario.tree._LOADER", yaml.SafeLoader)
    assert refusal('name: "\\ud800"') == "s.yaml:1: name: is not UTF-8 (write or set it in UTF-8)"
    assert refusal('name: "\\UFFFFFFFF"') == "s.yaml: is not YAML"
    assert refusal(f"%YAML {'9' * 5000}.1\n---\n") == "s.yaml: is not YAML"


def test_variables_between_braces_are_the_mistake_to_expect(refusal):
    error = refusal("messages: [{count: ${N}}]\n", env={"N": "5"})
    assert error.endswith("(between { } or [ ] put ${VAR} in quotes)")

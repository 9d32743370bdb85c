"""The interpreter of Dockerfiles and compose files: it reads as engines do, or refuses."""

from pathlib import Path, PurePosixPath

import pytest

from benchmarks.image import compose
from benchmarks.image.dockerfile import (
    BASE,
    Copy,
    Health,
    NotUnderstoodError,
    configured,
    copy_of,
    is_ignored,
    parse,
)
from benchmarks.image.root import copy, suite_of

EXAMPLE = Path(__file__).parents[2] / "examples/compose/compose.yaml"


def steps(*lines):
    return parse("\n".join(["FROM python:3.13-slim", *lines]))[0].steps


def config(*lines):
    return configured(steps(*lines))


def test_lines_are_joined_and_comments_are_dropped():
    [step] = steps("# first", "RUN one \\", "# between", " && two", "")
    assert (step.line, step.word, step.text) == (3, "RUN", "one  && two")


def test_stages_have_their_names():
    stages = parse("FROM a AS build\nRUN x\nfrom b\n")
    assert [(each.base, each.name, len(each.steps)) for each in stages] == [
        ("a", "build", 1),
        ("b", "", 0),
    ]


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("WORKDIR /src", "folder", PurePosixPath("/src")),
        ("USER 10001:10002", "user", (10001, 10002)),
        ('ENTRYPOINT ["a", "b"]', "entrypoint", ("a", "b")),
        ('CMD ["a"]', "command", ("a",)),
        ("EXPOSE 8080", "ports", (8080,)),
        ("VOLUME /a /b", "volumes", ("/a", "/b")),
        ('HEALTHCHECK CMD ["a"]', "health", Health(("a",))),
        ('HEALTHCHECK --start-period=9s CMD ["a"]', "health", Health(("a",), start_period=9)),
        ("LABEL a=b", "env", BASE.env),
    ],
)
def test_what_an_instruction_says(line, field, value):
    assert getattr(config(line), field) == value


def test_variables_are_those_of_the_line_before():
    env = config("ENV A=1 PATH=/x:$PATH", 'ENV A=2 B=${A} C="two words"').env
    assert (env["A"], env["B"], env["C"]) == ("2", "1", "two words")
    assert env["PATH"] == f"/x:{BASE.env['PATH']}"


def test_a_folder_begins_at_the_last():
    assert config("WORKDIR /a", "WORKDIR b").folder == PurePosixPath("/a/b")


def test_an_entrypoint_forgets_the_command_before_it():
    assert config('CMD ["a"]', 'ENTRYPOINT ["b"]').argv == ("b",)


@pytest.mark.parametrize(
    "line",
    [
        "ADD a b",
        "ARG VERSION=1",
        'SHELL ["bash"]',
        "ENTRYPOINT mockatell",
        "CMD mockatell serve",
        "CMD []",
        "ENV A 1",
        "ENV A=$NOWHERE",
        "EXPOSE 53/udp",
        "USER nobody",
        "USER 10001",
        "VOLUME data",
        "HEALTHCHECK NONE",
        'HEALTHCHECK --interval=1m CMD ["a"]',
        'HEALTHCHECK --retries=3s CMD ["a"]',
        "HEALTHCHECK CMD a",
    ],
)
def test_what_is_not_known_is_refused_with_its_line(line):
    with pytest.raises(NotUnderstoodError, match=r"^Dockerfile:2: "):
        config(line)


@pytest.mark.parametrize("text", ["RUN x", "# syntax=docker/dockerfile:1\nFROM a", "FROM a b c"])
def test_so_is_a_beginning_that_is_none(text):
    with pytest.raises(NotUnderstoodError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("a b ./", Copy("", ("a", "b"), "./")),
        ("--from=build /opt/a /opt/a", Copy("build", ("/opt/a",), "/opt/a")),
    ],
)
def test_a_copy_is_read(text, asked):
    assert copy_of(*steps(f"COPY {text}")) == asked


@pytest.mark.parametrize(
    "text",
    ["a", "a b c", "--chown=1:1 a b", "--from=a --link a b", "*.py a/", '["a", "b"]', "$A b"],
)
def test_or_refused(text):
    with pytest.raises(NotUnderstoodError):
        copy_of(*steps(f"COPY {text}"))


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("notes", True),
        ("a", False),
        ("a/b/c.py", False),
        ("a/__pycache__", True),
        ("a/b/__pycache__/c.pyc", True),
        ("ab", True),
        ("b/a", True),
    ],
)
def test_what_is_ignored(path, ignored):
    assert is_ignored(path, ["*", "!a", "**/__pycache__"]) is ignored


class TestACopyCarriedOut:
    @pytest.fixture
    def context(self, tmp_path):
        context = tmp_path / "context"
        for name in ("a/b.py", "a/__pycache__/b.pyc", "c", "secret"):
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            (context / name).write_text(name)
        (context / ".dockerignore").write_text("*\n!a\n!c\n**/__pycache__\n")
        return context

    @pytest.mark.parametrize(
        ("text", "there"),
        [
            ("a a", {"src/a/b.py"}),
            ("a /opt", {"opt/b.py"}),
            ("c ./", {"src/c"}),
            ("c d", {"src/d"}),
            ("c a /x/", {"x/c", "x/b.py"}),
        ],
    )
    def test_files_and_what_folders_hold(self, context, tmp_path, text, there):
        root = tmp_path / "root"
        copy(*steps(f"COPY {text}"), context, root, PurePosixPath("/src"))
        found = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
        assert found == there

    @pytest.mark.parametrize("name", ["secret", "nothing"])
    def test_but_not_what_is_left_out_or_missing(self, context, tmp_path, name):
        with pytest.raises(NotUnderstoodError, match=f"{name} is not there"):
            copy(*steps(f"COPY {name} x"), context, tmp_path, PurePosixPath("/"))


@pytest.mark.parametrize("image", ["python:3.13", "python:3.99-slim", "debian", "alpine:3"])
def test_only_an_image_that_a_debian_stands_in_for(image):
    with pytest.raises(NotUnderstoodError, match=r"3\.13-slim"):
        suite_of(image)


class TestComposeFiles:
    def test_the_example_s_services_come_after_what_they_depend_on(self):
        assert [each.name for each in compose.read(EXAMPLE)] == ["clickatell", "app", "test"]

    def test_another_entrypoint_forgets_the_image_s_command(self):
        [sidecar, _, test] = compose.read(EXAMPLE)
        image = config('ENTRYPOINT ["mockatell"]', 'CMD ["serve"]')
        assert sidecar.config(image).argv == ("mockatell", "serve")
        assert test.config(image).argv == ("python", "/test.py")

    def test_variables_are_added(self):
        [sidecar, *_] = compose.read(EXAMPLE)
        env = sidecar.config(config()).env
        assert env["PATH"] == BASE.env["PATH"]
        assert env["MOCKATELL_RETRY"] == "one-api"

    @pytest.mark.parametrize(
        "said",
        [
            "privileged: true",
            "depends_on: {b: {condition: service_started}}",
        ],
    )
    def test_what_is_not_known_is_refused(self, said, tmp_path):
        path = tmp_path / "compose.yaml"
        path.write_text(f"services: {{a: {{image: x, {said}}}, b: {{image: x}}}}")
        with pytest.raises(NotUnderstoodError):
            compose.read(path)

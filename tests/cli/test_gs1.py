"""`gs1` as a user runs it."""

import json

from typer.testing import CliRunner, Result

from gateway.cli import COMMANDS, app_of

LINK = "https://id.gs1.org/01/09506000134352/10/ABC?17=271231"


def gs1(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app_of(COMMANDS), ["gs1", *arguments], input=stdin)


def test_the_example_of_the_wire() -> None:
    done = gs1(LINK)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        f'{{"text": "{LINK}", "valid": true, "kind": "digital_link", '
        '"elements": [["01", "09506000134352"], ["10", "ABC"], ["17", "271231"]]}\n'
    )


def test_an_invalid_text_is_a_problem() -> None:
    done = gs1("9506000134352", "9506000134353", "--", "-1")
    assert done.exit_code == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["valid"] for line in lines] == [True, False, False]
    assert lines[1]["problem"] == "the check digit of 9506000134353 is wrong: 3, not 2"


def test_lines_of_stdin_keep_their_spaces_and_separators() -> None:
    done = gs1(stdin="\x1d0109506000134352\r\n 9506000134352\n\nété\n".encode())
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["text"] for line in lines] == ["\x1d0109506000134352", " 9506000134352", "", "été"]
    assert [line["valid"] for line in lines] == [True, False, False, False]


def test_bytes_that_are_no_text_are_no_crash() -> None:
    assert gs1(stdin=b"\xff\xfe\n").exit_code == 1

"""A key in use is found nowhere afterwards: not in database, logs, events, reports or output."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.ask_home import TASK, AskHome
from support.command_line import Ended, environment_of, run_command
from support.gemini_server import GeminiServer
from support.openai_server import OpenAIServer, Received, Reply, Script, failure, from_sources

CANARY = "canary/Key+0123456789"
"""No shape that a pattern knows: only its value gives it away."""


def echo_key(status: int) -> Script:
    """A server that repeats the key it was given in its error, as some do."""

    def answer(request: Received) -> Reply:
        return failure(status, f"Incorrect API key provided: {key_of(request)}")

    return answer


def key_of(request: Received) -> str:
    return request.headers.get("authorization") or request.headers["x-goog-api-key"]


def model_with_key(root: Path, base_url: str, provider: str = "openai_compatible") -> AskHome:
    home = AskHome(root)
    (home.root / "config" / "models.yaml").write_text(
        f"""models:
  keyed:
    provider: {provider}
    model: m
    base_url: {base_url}
    key_name: canary
    key_env: CANARY_TOKEN
    window_tokens: 32000
    prices:
      - {{effective_from: 2020-01-01, input_usd: 1, output_usd: 1}}
""",
        encoding="utf-8",
    )
    return home


def assert_no_key(home: AskHome, *ended: Ended) -> None:
    files = [path for path in home.root.rglob("*") if path.is_file()]
    names = {path.suffix for path in files}
    assert {".db", ".log"} <= names
    forms = [CANARY.encode(), json.dumps(CANARY).encode()[1:-1], base64.b64encode(CANARY.encode())]
    written = {str(path): path.read_bytes() for path in files}
    for index, end in enumerate(ended):
        written[f"streams of command {index}"] = (end.out + end.err).encode()
    for place, content in written.items():
        for form in forms:
            assert form not in content, f"the key stands in {place}"


@pytest.mark.parametrize("variable", ["CANARY_TOKEN", "AGENTFLOW_KEY_CANARY"])
@pytest.mark.parametrize(
    ("script", "code"),
    [
        (from_sources, 0),
        (echo_key(401), 5),
        (echo_key(400), 5),
        (lambda _: Reply("cut", cut_after=0), 5),
        (lambda _: Reply(raw=b"data: not json\n\n"), 5),
    ],
)
def test_the_key_is_found_nowhere_after_runs_that_succeed_or_fail(
    tmp_path: Path, variable: str, script: Script, code: int
) -> None:
    seen: list[str] = []

    def answer(request: Received) -> Reply:
        seen.append(key_of(request))
        return script(request)

    with OpenAIServer(answer) as server:
        home = model_with_key(tmp_path / "person", server.base_url)
        ended = ask(home, variable)
        listed = run_command(home.root, "models", "list", environ={variable: CANARY})
    assert set(seen) == {f"Bearer {CANARY}"}
    assert ended.code == code, ended.err
    assert f"set ({variable})" in listed.out
    shown = run_command(home.root, "history", "list", "--json")
    run_id = json.loads(shown.out)[0]["run_id"]
    events = run_command(home.root, "history", "show", run_id, "--json")
    assert_no_key(home, ended, listed, shown, events)


@pytest.mark.parametrize(
    ("script", "code"),
    [(from_sources, 0), (echo_key(400), 5), (lambda _: Reply(raw=b"data: not json\n\n"), 5)],
)
def test_a_key_of_gemini_is_found_nowhere_either(tmp_path: Path, script: Script, code: int) -> None:
    seen: list[str] = []

    def answer(request: Received) -> Reply:
        seen.append(key_of(request))
        return script(request)

    with GeminiServer(answer) as server:
        home = model_with_key(tmp_path / "person", server.base_url, "google_genai")
        ended = ask(home, "CANARY_TOKEN")
    assert set(seen) == {CANARY}
    assert ended.code == code, ended.err
    assert_no_key(home, ended)


def ask(home: AskHome, variable: str) -> Ended:
    return run_command(
        home.root,
        *("--debug", "--set", "models.max_attempts=2", "--set", "models.planner=keyed"),
        *("run", "--task", TASK, "--directory", str(home.documents), "--json"),
        environ={variable: CANARY},
    )


@pytest.mark.parametrize("variable", ["CANARY_TOKEN", "AGENTFLOW_KEY_CANARY"])
@pytest.mark.parametrize("options", [(), ("--debug",)])
def test_the_key_is_not_in_the_report_of_a_crash(
    tmp_path: Path, variable: str, options: tuple[str, ...]
) -> None:
    home = model_with_key(tmp_path / "person", "http://127.0.0.1:9/v1")
    script = Path(__file__).resolve().parents[1] / "support" / "crashing_command.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), *options, "crash", variable],
        capture_output=True,
        encoding="utf-8",
        env=environment_of(home.root, {variable: CANARY}),
        check=False,
    )
    ended = Ended(done.returncode, done.stdout, done.stderr)
    assert ended.code == 1
    (report,) = (home.root / "logs").glob("crash_*.txt")
    assert f"Crash report: {report}{os.linesep}" in ended.err
    text = report.read_text("utf-8")
    assert "RuntimeError: sent {'Authorization': 'Bearer [redacted]'}" in text
    assert "log: " in text
    assert_no_key(home, ended)

"""Text of PDF files: our two worker processes against pypdfium2 in one process."""

import random
import sys
import tempfile
from pathlib import Path

from measuring import CLIENTS, OURS, ROOT, Figure, finish, interleaved, peer_python, run_measured

sys.path.insert(0, str(ROOT / "tests"))
from support.pdf_files import pdf_bytes

ROUNDS = 5
FILES, PAGES, LINES = 25, 60, 48
WORDS = (
    "cell pack charge current limit temperature fuse board voltage measured below above the of "
    "a and is not before after supply report section value tolerance nominal maximum minimum"
).split()


def write_files(folder: Path) -> None:
    """Files like typed reports: 48 lines of 70 to 90 characters a page."""
    draw = random.Random(7)  # noqa: S311  (the same text every time)
    for number in range(FILES):
        pages = [
            [" ".join(draw.choices(WORDS, k=14))[:90] for _ in range(LINES)] for _ in range(PAGES)
        ]
        (folder / f"report-{number:02}.pdf").write_bytes(pdf_bytes(pages))


def main() -> None:
    peer = peer_python("pypdfium2", "pypdfium2==5.15.2")
    with tempfile.TemporaryDirectory() as name:
        write_files(Path(name))
        clients = {"ours": (OURS, "pdf_ours.py"), "pypdfium2": (peer, "pdf_pypdfium2.py")}
        runs = {
            kind: lambda python=python, script=script: run_measured(
                [python, CLIENTS / script, name]
            ).json()["pages_per_s"]
            for kind, (python, script) in clients.items()
        }
        took = interleaved(ROUNDS, runs, max)
    figure = Figure(
        "PDF text, two workers",
        took["ours"],
        took["pypdfium2"],
        "pypdfium2",
        "pages/s",
        1.5,
        at_least=True,
    )
    finish([figure])


main()

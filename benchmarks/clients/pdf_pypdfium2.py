"""Pages per second of pypdfium2 in one process. Runs in the peer's environment."""

import json
import sys
import time
from pathlib import Path

import pypdfium2


def read(path: Path) -> tuple[int, int]:
    """Pages and characters."""
    document = pypdfium2.PdfDocument(path)
    pages = len(document)
    characters = 0
    for index in range(pages):
        page = document[index]
        text_page = page.get_textpage()
        characters += len(text_page.get_text_range())
        text_page.close()
        page.close()
    document.close()
    return pages, characters


paths = sorted(Path(sys.argv[1]).glob("*.pdf"))
read(paths[0])
started = time.perf_counter()
read_all = [read(path) for path in paths[1:]]
took_s = time.perf_counter() - started
pages = sum(count for count, _ in read_all)
print(json.dumps({"pages_per_s": pages / took_s, "characters": sum(c for _, c in read_all)}))

import sys
from pathlib import Path

from packlog.frames import parse_log
from packlog.report import summary
from packlog.store import Store


def main():
    log, database = sys.argv[1:3]
    session = Path(log).read_text().splitlines()[0].removeprefix("# ")
    frames, bad = parse_log(Path(log).read_text().splitlines()[1:])
    store = Store(database)
    store.add(session, frames)
    if len(sys.argv) > 3:
        print(store.export(session, sys.argv[3]))
    print(summary(frames, bad))


main()

"""Log lines to frames."""

import binascii
from dataclasses import dataclass


@dataclass
class Frame:
    time_s: float
    cells_mv: list[int]
    current_ma: int
    temperature_c: float

    @property
    def spread_mv(self) -> int:
        return max(self.cells_mv) - min(self.cells_mv)


def crc16(text: str) -> int:
    return binascii.crc_hqx(text.encode("ascii"), 0xFFFF)


def parse_line(line: str) -> Frame:
    body, _, crc = line.strip().rpartition(";")
    if crc and int(crc, 16) != crc16(body):
        raise ValueError("wrong CRC")
    time_text, cells, current, temperature = body.split(";")
    return Frame(
        time_s=float(time_text),
        cells_mv=[int(cell) for cell in cells.split(",")],
        current_ma=int(current),
        temperature_c=int(temperature) / 100,
    )


def parse_log(lines, frames=[]):
    bad = 0
    for line in lines:
        try:
            frames.append(parse_line(line))
        except:
            bad += 1
    return frames, bad

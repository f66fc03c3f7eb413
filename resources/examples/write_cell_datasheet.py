"""Writes battery/cell-datasheet.pdf, so that the example's text can be read and changed here.

    python3 resources/examples/write_cell_datasheet.py
"""

from pathlib import Path

OUTPUT = Path(__file__).parent / "battery" / "cell-datasheet.pdf"
LEFT, TOP, RIGHT_COLUMN = 62, 780, 330

# One string is a paragraph's line; a pair is a row of two columns. Marks: # title, = heading.
PAGES = [
    [
        "# Norvik Cellworks NV-21700-48P",
        "Cylindrical lithium-ion cell: data sheet, revision 3",
        "Invented example: no such maker and no such cell exist.",
        "= 1  Electrical data",
        ("Rated capacity (0.2C, 25 °C)", "4800 mAh"),
        ("Nominal voltage", "3600 mV"),
        ("End-of-charge voltage", "4200 mV"),
        ("End-of-discharge voltage", "2500 mV"),
        ("Standard charge current", "0.5C (2400 mA)"),
        ("End-of-charge current", "0.05C (240 mA)"),
        ("Continuous discharge current", "2C (9600 mA)"),
        ("Impedance at 1 kHz, new", "at most 18 mohm"),
        ("Mass", "69 g"),
        "= 2  Charging",
        "Charge at constant current to 4200 mV, then at constant voltage until the",
        "current has fallen to 240 mA.",
        "",
        "The charge current is limited to 0.5C, which is 2400 mA per cell, between 15 °C",
        "and 45 °C. Outside of that range the limits of section 3 apply.",
        "",
        "At 0.5C and 25 °C the cell keeps 80 % of its capacity for 800 cycles. No higher",
        "charge current has been tested.",
    ],
    [
        "= 3  Limits of the charge current by cell temperature",
        ("Cell temperature", "Highest charge current"),
        ("below 0 °C", "charging not permitted"),
        ("0 °C to 10 °C", "0.1C (480 mA)"),
        ("10 °C to 15 °C", "0.3C (1440 mA)"),
        ("15 °C to 45 °C", "0.5C (2400 mA)"),
        ("45 °C to 50 °C", "0.2C (960 mA)"),
        ("above 50 °C", "charging not permitted"),
        "",
        "The temperature is that of the warmest or coldest cell, measured on its can. At a",
        "boundary the lower current applies.",
        "",
        "Charging below 0 °C plates lithium on the anode. The damage is permanent and",
        "cannot be seen from outside.",
        "= 4  Cells in parallel",
        "The limits are for one cell. In a parallel group they add up only if the cells share",
        "the current evenly; allow for 10 % of difference between new cells.",
        "= 5  Storage",
        "Store at 30 % charge and 5 °C to 25 °C. Recharge after twelve months.",
    ],
]


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def page_stream(lines: list[str | tuple[str, str]]) -> bytes:
    """The page's drawing commands: text from the top down, in reading order."""
    commands: list[str] = []
    y = TOP
    for line in lines:
        if isinstance(line, tuple):
            for x, text in zip((LEFT, RIGHT_COLUMN), line, strict=True):
                commands.append(f"BT /F1 10.5 Tf {x} {y} Td ({escaped(text)}) Tj ET")
            commands.append(f"0.8 G 0.5 w {LEFT} {y - 4} m 530 {y - 4} l S")
            y -= 18
            continue
        mark, text = (line[0], line[2:]) if line[:1] in ("#", "=") else ("", line)
        font, size = {"#": ("F2", 20), "=": ("F2", 13)}.get(mark, ("F1", 10.5))
        y -= 14 if mark == "=" else 0
        commands.append(f"BT /{font} {size} Tf {LEFT} {y} Td ({escaped(text)}) Tj ET")
        y -= 30 if mark == "#" else 22 if mark == "=" else 16
    return "\n".join(commands).encode("cp1252")


def pdf(pages: list[bytes]) -> bytes:
    """A PDF 1.4 file with Helvetica, one of the fonts that every reader has."""
    kids = " ".join(f"{5 + 2 * index} 0 R" for index in range(len(pages)))
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        (font % "Helvetica").encode(),
        (font % "Helvetica-Bold").encode(),
    ]
    for index, stream in enumerate(pages):
        objects.append(
            (
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
                "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> "
                f"/Contents {6 + 2 * index} 0 R >>"
            ).encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    body = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets: list[int] = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    body += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(body) + b"startxref\n%d\n%%%%EOF\n" % start


if __name__ == "__main__":
    OUTPUT.write_bytes(pdf([page_stream(lines) for lines in PAGES]))

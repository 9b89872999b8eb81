"""A QR decoder that others wrote reads the picture that the computer showed."""

import json
from pathlib import Path

import zxingcpp
from PIL import Image


def test_the_picture_reads(demo: Path) -> None:
    codes = zxingcpp.read_barcodes(Image.open(demo / "qr.png").convert("L"))
    assert len(codes) == 1
    text = codes[0].text
    assert codes[0].format == zxingcpp.BarcodeFormat.QRCode
    assert text.startswith("FIDO:/")
    assert text.removeprefix("FIDO:/").isdigit()

    # A transcript tells the text only of a ceremony that is over, when its secret is worth nothing.
    transcript = json.loads((demo / "transcript.json").read_text())
    if "qrText" in transcript:
        assert text == transcript["qrText"]

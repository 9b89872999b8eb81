#!/usr/bin/env python3
"""Scores zxing-cpp at full effort on a directory of frames made by fixtures/qr-frames/make_set.py.

`core/scan/bench/run` calls it; the columns are those of the `score` example of latchkey-scan.
"""
import json
import os
import statistics
import sys
import time

import cv2
import zxingcpp


def main(directory):
    scores = {}
    with open(os.path.join(directory, "manifest.jsonl")) as manifest:
        for line in manifest:
            entry = json.loads(line)
            luma = cv2.imread(os.path.join(directory, entry["file"]), cv2.IMREAD_GRAYSCALE)
            start = time.perf_counter()
            found = zxingcpp.read_barcodes(luma, formats=zxingcpp.BarcodeFormat.QRCode, try_rotate=True,
                                           try_downscale=True, try_invert=True)
            millis = (time.perf_counter() - start) * 1e3
            texts = {barcode.text for barcode in found}
            expected = entry["expect"]
            score = (len(expected), sum(text in texts for text in expected), len(texts - set(expected)), millis)
            for group in (entry["category"], "~ all frames", "~ all with a code"):
                if group != "~ all with a code" or expected:
                    scores.setdefault(group, []).append(score)
    print(f"{'category':18} | {'read %':>7} {'wrong':>5} {'median':>7} {'mean':>7} {'max ms':>9}")
    for group, rows in sorted(scores.items()):
        expected, hits, wrong, millis = zip(*rows)
        rate = 100 * sum(hits) / max(sum(expected), 1)
        print(f"{group.removeprefix('~ '):18} | {rate:7.1f} {sum(wrong):5} {statistics.median(millis):7.2f} "
              f"{statistics.mean(millis):7.2f} {max(millis):9.2f}")


if __name__ == "__main__":
    main(sys.argv[1])

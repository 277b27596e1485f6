#!/usr/bin/env bash
# The report's page in a browser: no word of complaint, and each layer's line and bar in the picture, by daylight and in the dark.
# In a bed (tests/testbed/bed.sh --no-pebble); usage: report.sh
set -euo pipefail

fail() { echo "report.sh: $*" >&2; exit 1; }

export HOME=$BED
layers=libcrypto,raw,hsm,agent
"$SEALRING" bench --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" --layers "$layers" --threads 1,2 --seconds 0.1 --rounds 3 \
  --report "$BED/report.html" >/dev/null

picture() { # FILE OPTION...: at 1280 points
  timeout 120 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --enable-logging=stderr --window-size=1280,1800 \
    --user-data-dir="$BED/chromium" "--screenshot=$1" "${@:2}" "file://$BED/report.html" 2>"$BED/browser" ||
    { cat "$BED/browser" >&2; fail 'the browser fails'; }
  ! grep CONSOLE "$BED/browser" >&2 || fail 'the browser complains of the page'
}
picture "$BED/day.png"
picture "$BED/night.png" --force-dark-mode

# The first four colours of the page's own style are the layers', in each of its two schemes. They are seen where lines are (in the
# upper half) and where bars are; and nothing is cut off at the right.
/usr/bin/python3 - "$BED/report.html" "$BED"/{day,night}.png <<'PY'
import re, sys
from PIL import Image
page = open(sys.argv[1]).read()
for scheme, name in enumerate(sys.argv[2:]):
    def colour(word):
        found = re.findall(rf"--{word}: #([0-9a-f]+)", page)[scheme]
        return tuple(int(part, 16) for part in (re.findall("..", found) if len(found) == 6 else [c * 2 for c in found]))
    picture = Image.open(name).convert("RGB")
    seen = dict((c, n) for n, c in picture.getcolors(1 << 24))
    assert picture.getpixel((2, 2)) == colour("paper"), (name, "paper")
    for layer in range(4):
        # A line of two points on its way through a plot has some hundred, and a bar mostly more.
        assert seen.get(colour(f"c{layer}"), 0) > 200, (name, layer, seen.get(colour(f"c{layer}"), 0))
    assert seen.get(colour("ink"), 0) > 1000, (name, "ink")
    edge = picture.crop((1278, 0, 1280, picture.height))
    assert edge.getcolors() == [(2 * picture.height, colour("paper"))], (name, "cut off")
PY

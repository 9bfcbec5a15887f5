"""The files that are made from the code: ``docs/settings.md`` and the client's types of the HTTP API.

python script/generated.py          writes them
python script/generated.py --check  fails where one is not what it would become
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from klausur import settings_page
from klausur.api.app import described

ROOT = Path(__file__).resolve().parent.parent
OPENAPI_TYPESCRIPT = "node_modules/openapi-typescript/bin/cli.js"


def api_types() -> str:
    with tempfile.TemporaryDirectory() as folder:
        description, types = Path(folder, "openapi.json"), Path(folder, "schema.gen.ts")
        description.write_text(json.dumps(described()), encoding="utf-8")
        command = ["node", OPENAPI_TYPESCRIPT, str(description), "--output", str(types)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return types.read_text(encoding="utf-8")


def main(*, check: bool) -> int:
    stale = []
    for name, text in (("docs/settings.md", settings_page.reference()), ("web/src/api/schema.gen.ts", api_types())):
        path = ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"Not up to date: {', '.join(stale)}. Please run script/generate.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))

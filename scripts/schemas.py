"""Write the JSON Schema of every event type into the package; a test keeps the files true."""

import json
from pathlib import Path

from gateway.uplink.event_schemas import DATA, schema_of

FOLDER = Path(__file__).parents[1] / "gateway" / "uplink" / "schemas"


def main() -> None:
    """Write one file a type."""
    FOLDER.mkdir(exist_ok=True)
    for event_type in DATA:
        text = json.dumps(schema_of(event_type), indent=2) + "\n"
        (FOLDER / f"{event_type}.v1.json").write_text(text)


if __name__ == "__main__":
    main()

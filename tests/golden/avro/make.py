"""Rows of every topic and their Avro bytes, made by fastavro, a library that shares no code with avsc.

Makes rows.json beside this file. Needs: pip install fastavro==1.13.1
Each row holds its values as JSON: longs of 64 bits as decimal text, bytes as hexadecimal text,
symbols with hyphens, which Avro does not allow.
"""

import io
import json
import pathlib

import fastavro

HERE = pathlib.Path(__file__).parent
SCHEMAS = HERE.parent.parent.parent / "schemas"
WORDS = ["BTCUSDT", "币安人生USDT", "é😀", "", "x" * 100, 'a "quoted"\n\\ \u0000 text']
DOUBLES = [61800.3, -0.001, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 0.0]
NUMBERS = [1723161256322000, 0, -1, 63, 64, -65, 9007199254740991, -9007199254740991, -4503599627370497]
LONGS = [2**63 - 1, -(2**63) + 1, 2**53 + 1, -(2**53) - 1, 0, 8191, 8192]
INTS = [0, -1, 2**31 - 1, -(2**31)]
BYTES = [b"", b"\x00\xff{not json", bytes(range(256))]


class Maker:
    """Walks a schema and takes the next value of each kind's list; `full` fills unions and arrays."""

    def __init__(self, full):
        self.full = full
        self.taken = {}
        self.named = {}

    def next(self, kind, values):
        at = self.taken.get(kind, 0 if self.full else 1)
        self.taken[kind] = at + 1
        return values[at % len(values)]

    def value(self, schema):
        """The value as fastavro takes it, and as it stands in the JSON."""
        if isinstance(schema, str) and schema in self.named:
            schema = self.named[schema]
        if isinstance(schema, list):
            return self.value(schema[1]) if self.full else (None, None)
        kind = schema if isinstance(schema, str) else schema["type"]
        more = {} if isinstance(schema, str) else schema
        if "name" in more:
            self.named[more["name"]] = more
        if kind == "string":
            return same(self.next("string", WORDS))
        if kind == "double":
            return same(self.next("double", DOUBLES))
        if kind == "boolean":
            return same(self.full)
        if kind == "int":
            return same(self.next("int", INTS))
        if kind == "enum":
            symbol = self.next(more["name"], more["symbols"])
            return symbol, symbol.replace("_", "-")
        if kind == "bytes":
            raw = self.next("bytes", BYTES)
            return raw, raw.hex()
        if kind == "long":
            if more.get("number") or more.get("logicalType") == "timestamp-micros":
                return same(self.next("number", NUMBERS))
            number = self.next("long", LONGS)
            return number, str(number)
        if kind == "array":
            pairs = [self.value(more["items"]) for _ in range(3 if self.full else 0)]
            return [one for one, _ in pairs], [one for _, one in pairs]
        if kind == "record":
            pairs = {field["name"]: self.value(field["type"]) for field in more["fields"]}
            return {k: v[0] for k, v in pairs.items()}, {k: v[1] for k, v in pairs.items()}
        raise ValueError(schema)


def same(value):
    return value, value


def main():
    rows = []
    for file in sorted(SCHEMAS.glob("*.avsc")):
        schema = json.loads(file.read_text())
        parsed = fastavro.parse_schema(json.loads(file.read_text()))
        for full in (True, False):
            value, shown = Maker(full).value(schema)
            out = io.BytesIO()
            fastavro.schemaless_writer(out, parsed, value)
            rows.append({"topic": file.stem, "row": shown, "hex": out.getvalue().hex()})
    lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    (HERE / "rows.json").write_text(f"[\n{lines}\n]\n")


main()

#!/usr/bin/env bash
# Gets what docs/notebooks.md is run with into .setup/notebooks: pandas, pyarrow, polars and duckdb. Needs python3 with venv. What is
# there is not got again.
set -euo pipefail
cd "$(dirname "$0")"
venv=$PWD/../../.setup/notebooks
cmp -s requirements.txt "$venv/requirements.txt" && exit 0
mkdir -p "$(dirname "$venv")"
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
cp requirements.txt "$venv/requirements.txt"

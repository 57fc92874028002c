#!/bin/sh
# What an image has, installed into the folder that is given: packages by their hashes, then the
# project. Run in the project's folder, or where its files were copied to.
set -eu
folder=$1
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --no-deps --require-hashes -r deploy/requirements.lock
# The project is built by what is pinned too, and that is taken away again.
python3 -m venv /tmp/build
/tmp/build/bin/python -m pip install --quiet --no-deps --require-hashes -r deploy/build.lock
/tmp/build/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /tmp/wheel .
"$folder/bin/python" -m pip install --quiet --no-deps /tmp/wheel/*.whl
rm -r /tmp/build /tmp/wheel
"$folder/bin/python" -m pip check
"$folder/bin/python" -m pip uninstall --quiet --yes pip setuptools
# The code location loads, and every command is there.
cd /
"$folder/bin/python" -c "import sfcc_cin7.definitions"
"$folder/bin/sfcc-cin7" --help >/dev/null

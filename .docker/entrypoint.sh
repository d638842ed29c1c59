#!/bin/sh
# Hands the database's password over by a file that only this user reads: it stands in no variable,
# no process list and no log. libpq looks for it there by itself.
set -eu
umask 077
if [ -n "${DATABASE_PASSWORD_FILE:-}" ]; then
    printf 'database:5432:cnnlab:cnnlab:%s\n' "$(cat "$DATABASE_PASSWORD_FILE")" > "$HOME/.pgpass"
fi
if [ -n "${BASE_PATH:-}" ]; then
    export STREAMLIT_SERVER_BASE_URL_PATH="${BASE_PATH#/}"
fi
exec "$@"

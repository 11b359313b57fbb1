# A PostgreSQL of our own for the tests: throw-away, on a free port of 127.0.0.1. POSIX sh, to be sourced.
# start_postgres PYTHON sets TEST_POSTGRES_URL; stop_postgres removes every trace. Works as root too.

postgres_dir=

find_postgres() {
    for tool in /usr/lib/postgresql/*/bin/pg_ctl /usr/pgsql-*/bin/pg_ctl /usr/local/bin/pg_ctl /opt/homebrew/bin/pg_ctl; do
        [ -x "$tool" ] && [ -x "$(dirname "$tool")/initdb" ] && found=$tool
    done
    tool=${found:-$(command -v pg_ctl || true)}
    [ -n "$tool" ] && dirname "$tool"
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" -ne 0 ]; then
        sh -c "$1"
    else
        su -s /bin/sh "$postgres_user" -c "$1"
    fi
}

start_postgres() {
    bin=$(find_postgres) || return 1
    postgres_user=$(id -un)
    if [ "$(id -u)" -eq 0 ]; then
        postgres_user=postgres
        id postgres >/dev/null 2>&1 || postgres_user=nobody
    fi
    port=$("$1" -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
    postgres_dir=$(mktemp -d /tmp/research-pg.XXXXXX) # short: a socket's path has a limit of about 100 bytes
    chown "$postgres_user" "$postgres_dir"
    chmod 755 "$postgres_dir"
    as_postgres "cd / && '$bin/initdb' -D '$postgres_dir/data' -U postgres -A trust -E UTF8 --no-locale -N" >"$postgres_dir.log" 2>&1 &&
        as_postgres "cd / && '$bin/pg_ctl' -D '$postgres_dir/data' -l '$postgres_dir/server.log' -w -t 60 -o \"-k '$postgres_dir' -p $port \
            -c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c jit=off\" start" \
            >>"$postgres_dir.log" 2>&1 || {
        cat "$postgres_dir.log" "$postgres_dir/server.log" >&2 2>/dev/null || true
        return 1
    }
    TEST_POSTGRES_URL="postgresql://postgres@127.0.0.1:$port/postgres"
    export TEST_POSTGRES_URL
}

stop_postgres() {
    [ -n "$postgres_dir" ] || return 0
    as_postgres "cd / && '$bin/pg_ctl' -D '$postgres_dir/data' -m immediate -w stop" >/dev/null 2>&1 || true
    rm -rf "$postgres_dir" "$postgres_dir.log"
    postgres_dir=
}

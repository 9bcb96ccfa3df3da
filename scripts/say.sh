# Words to a person, in colour when a terminal reads them. Sourced by the other scripts; it knows none of them.
# shellcheck shell=sh

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
    title=$(printf '\033[1;36m') good=$(printf '\033[1;32m') bad=$(printf '\033[1;31m') plain=$(printf '\033[0m')
else
    title='' good='' bad='' plain=''
fi

# What is being done now.
say() {
    printf '%s==>%s %s\n' "$title" "$plain" "$*" >&2
}

# What was done.
done_with() {
    printf '%s ok%s  %s\n' "$good" "$plain" "$*" >&2
}

# What went wrong and what to do about it, one argument a line. Ends the script.
fail() {
    printf '%serror%s: %s\n' "$bad" "$plain" "$1" >&2
    shift
    for line in "$@"; do
        printf '  %s\n' "$line" >&2
    done
    exit 1
}

# Whether a command is there.
has() {
    command -v "$1" >/dev/null 2>&1
}

# Installs Debian packages, or says how. The packages are the arguments.
debian() {
    has apt-get || fail "these are missing: $*" "install them with your system's own tool, then try again"
    root=''
    if [ "$(id -u)" != 0 ]; then
        { has sudo && sudo -n true 2>/dev/null; } || fail "these are missing: $*" "sudo apt-get install $*"
        root=sudo
    fi
    say "installing with apt-get: $*"
    $root apt-get update -q >&2
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2
}

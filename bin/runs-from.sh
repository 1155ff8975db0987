# runs-from.sh: sourced by the scripts of this repository.

runs_from() { # runs_from DIRECTORY: whether some process has jars of DIRECTORY/lib; yes where nobody can tell
    local commands
    # Processes that end meanwhile cannot be read.
    commands=$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n') || true
    [[ -z $commands || $commands == *"$1/lib/"* ]]
}

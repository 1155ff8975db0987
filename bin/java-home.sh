# java-home.sh: sourced by the scripts of this repository; finds a JDK 25 or newer.
#
#   find_java_home   sets JAVA_HOME (exported), or says what is missing and returns 1
#
# Order: JAVA_HOME, the usual directories, SDKMAN, the java on the PATH; the first that fits is taken.
# A JDK states its version in its file `release`, which is read instead of starting it.

java_major() { # java_major DIRECTORY: prints the major version of the JDK there; nothing when there is none
    local line
    [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 0
    while IFS= read -r line; do
        if [[ $line =~ ^JAVA_VERSION=\"?([0-9]+) ]]; then
            echo "${BASH_REMATCH[1]}"
            return 0
        fi
    done <"$1/release"
}

find_java_home() {
    local candidate on_path major
    on_path=$(command -v javac 2>/dev/null || true)
    [[ -z $on_path ]] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
    for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* /usr/java/* /opt/* /opt/*/* \
        "${SDKMAN_DIR:-${HOME:-/root}/.sdkman}"/candidates/java/* "${HOME:-/root}"/.jdks/* "$on_path"; do
        [[ -n $candidate && -d $candidate ]] || continue
        major=$(java_major "$candidate")
        if [[ -n $major && $major -ge 25 ]]; then
            export JAVA_HOME=$candidate
            return 0
        fi
    done
    echo "${0##*/}: no JDK 25 or newer was found in JAVA_HOME, /usr/lib/jvm, /opt, SDKMAN or the PATH; install one or set JAVA_HOME." >&2
    return 1
}

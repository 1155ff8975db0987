package io.stria.runtime.ffm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out who holds the lock on a file, for error messages. */
final class LockHolder {
    /** {@code 1: FLOCK ADVISORY WRITE 4711 fe:00:131074 0 EOF}. */
    private static final Pattern LINE =
            Pattern.compile("\\d+: FLOCK +ADVISORY +WRITE +(\\d+) +\\S+:(\\d+) +0 +EOF");

    private static final Path LOCKS = Path.of("/proc/locks");

    private LockHolder() {}

    /** {@code " (process 4711)"}, or nothing when it cannot be told. */
    static String of(Path path) {
        try {
            String inode = String.valueOf(Files.getAttribute(path, "unix:ino"));
            return Files.readAllLines(LOCKS).stream()
                    .map(LINE::matcher)
                    .filter(line -> line.matches() && line.group(2).equals(inode))
                    .map(LockHolder::describe)
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private static String describe(Matcher line) {
        boolean own = line.group(1).equals(String.valueOf(ProcessHandle.current().pid()));
        return " (process " + line.group(1) + (own ? ", this one)" : ")");
    }
}

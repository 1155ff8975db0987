package io.stria.node.supervise;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code /proc/PID/stat} says of a process, see proc(5).
 *
 * @param command in its brackets, which may itself hold spaces and brackets
 * @param fromThird its fields from the third on
 */
public record ProcessStat(String command, List<String> fromThird) {
    /** Z: a zombie; T: stopped by a signal; R, S, D and others. */
    public static final int STATE = 3;

    /** Clock ticks in user mode. */
    public static final int USER_TICKS = 14;

    /** Clock ticks in the kernel. */
    public static final int SYSTEM_TICKS = 15;

    /** Clock ticks between boot and its start. */
    public static final int START_TICKS = 22;

    /** Empty when there is no such process. */
    public static Optional<ProcessStat> of(long pid) {
        try {
            return Optional.of(
                    parse(
                            Files.readString(
                                    Path.of("/proc/" + pid + "/stat"),
                                    StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether a signal has stopped it, of which its first thread tells. */
    static boolean isStopped(long pid) {
        return of(pid).filter(stat -> stat.field(STATE).equals("T")).isPresent();
    }

    static ProcessStat parse(String line) {
        int end = line.lastIndexOf(')');
        return new ProcessStat(
                line.substring(line.indexOf('('), end + 1),
                List.of(line.substring(end + 2).strip().split(" ")));
    }

    /**
     * @param number from 3, as proc(5) counts
     */
    public String field(int number) {
        return fromThird.get(number - 3);
    }
}

package io.stria.simulator.planted;

import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What became of a bug.
 *
 * @param catcher of a bug that was caught, what has caught it
 * @param tries seeds that were needed
 * @param found what gave it away; null: it was not caught
 */
record Caught(PlantedBug bug, PlantedBug.Catcher catcher, long tries, @Nullable Throwable found) {
    static final String MISSED = "**not caught**";
    static final String REDUNDANT = "redundant because ";
    static final String TITLE = "| rule | bug | caught by | seeds | as |\n|---|---|---|---|---|";

    boolean isCaught() {
        return found != null;
    }

    /** How the row of the bug begins. */
    static String key(PlantedBug bug) {
        return "| %s | %s |".formatted(bug.rule(), bug.name());
    }

    /** How a row begins. */
    static String keyOf(String row) {
        return row.substring(0, row.indexOf('|', row.indexOf('|', 2) + 1) + 1);
    }

    /** A line of a table. */
    String row() {
        return "%s %s | %s | %s |"
                .formatted(
                        key(bug),
                        isCaught() ? catcher.text : tried(),
                        isCaught() ? tries : "not in " + tries,
                        isCaught() ? how() : why());
    }

    private String tried() {
        return bug.catchers().stream().map(each -> each.text).collect(Collectors.joining(", "));
    }

    private String why() {
        return bug.redundant() == null ? MISSED : REDUNDANT + bug.redundant();
    }

    /** The end of the chain of causes, in a line. */
    private String how() {
        Throwable root = found;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        if (root == null) {
            return "";
        }
        String message = root.getMessage();
        StackTraceElement[] stack = root.getStackTrace();
        return message == null || message.isBlank()
                ? "an assertion in `%s`".formatted(stack.length == 0 ? "" : where(stack[0]))
                : message.lines().findFirst().orElse("").replace("|", "/");
    }

    private static String where(StackTraceElement frame) {
        String type = frame.getClassName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
    }
}

package io.stria.simulator.planted;

import org.jspecify.annotations.Nullable;

/**
 * What became of a bug.
 *
 * @param tries seeds that were needed
 * @param found what gave it away; null: it was not caught
 */
record Caught(PlantedBug bug, long tries, @Nullable Throwable found) {
    static final String TITLE = "| rule | bug | caught by | seeds | as |\n|---|---|---|---|---|";

    boolean isCaught() {
        return found != null;
    }

    /** A line of a table. */
    String row() {
        return "| %s | %s | %s | %s | %s |"
                .formatted(
                        bug.rule(),
                        bug.name(),
                        bug.catcher().text,
                        isCaught() ? tries : "**not in " + tries + "**",
                        isCaught() ? how() : "");
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

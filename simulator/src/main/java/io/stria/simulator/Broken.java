package io.stria.simulator;

/** A cluster has broken a promise: what it did, the line that shows it again, and its story. */
public final class Broken extends AssertionError {
    private static final long serialVersionUID = 1;
    private static final int BRIEF_LINES = 25;

    private final String brief;
    private final String state;

    /**
     * @param command repeats the run
     */
    Broken(String command, SimulatedCluster cluster, Throwable cause) {
        super(tell(command, cause, cluster.story().toString(), cluster), cause);
        state = cluster.describe();
        brief = tell(command, cause, cluster.story().last(BRIEF_LINES), cluster);
    }

    private static String tell(
            String command, Throwable cause, String story, SimulatedCluster cluster) {
        return "%s\nagain with: %s\n%s\n%s"
                .formatted(what(cause), command, story, cluster.describe());
    }

    private static String what(Throwable cause) {
        String message = cause.getMessage();
        return cause instanceof AssertionError && message != null ? message : cause.toString();
    }

    /** Where everybody stood. */
    public String state() {
        return state;
    }

    /** With the end of the story only. */
    public String brief() {
        return brief;
    }
}

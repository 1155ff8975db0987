package io.stria.simulator;

import io.stria.runtime.sim.Simulation;
import java.text.MessageFormat;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What happened, in lines for people: faults, what the nodes log, IOs that failed. Keeps the last
 * lines. While it is open, what the code under test logs on the story's thread goes here and
 * nowhere else.
 */
public final class Story extends Handler {
    private static final int LINES_MAX = 400;

    /** Kept here: a logger that nobody refers to forgets its settings. */
    private static final Logger LOGGER = Logger.getLogger("io.stria");

    private final Simulation simulation;
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private final long threadId = Thread.currentThread().threadId();
    private final Map<Hardship, Long> met = new EnumMap<>(Hardship.class);
    private long faults;
    private boolean echo;

    Story(Simulation simulation) {
        this.simulation = simulation;
        LOGGER.setUseParentHandlers(false);
        LOGGER.setLevel(Level.INFO);
        LOGGER.addHandler(this);
    }

    /** Prints each line as it comes, too. */
    public void echo(boolean on) {
        echo = on;
    }

    /** Something was done to the cluster. */
    public void fault(String line) {
        faults++;
        tell(line);
    }

    /** It was met once more. */
    void met(Hardship hardship) {
        met.merge(hardship, 1L, Long::sum);
    }

    Map<Hardship, Long> met() {
        return met;
    }

    /** How often something was done to the cluster. */
    public long faults() {
        return faults;
    }

    public void tell(String line) {
        String timed = String.format(Locale.ROOT, "%,13d us  %s", simulation.nowNs() / 1000, line);
        if (lines.size() == LINES_MAX) {
            lines.remove();
        }
        lines.add(timed);
        if (echo) {
            System.out.println(timed);
        }
        if (simulation.isTracing()) {
            simulation.trace(line);
        }
    }

    @Override
    public void publish(@Nullable LogRecord record) {
        // Other threads run other clusters, whose stories hear of this record as well.
        if (record != null && record.getLongThreadID() == threadId && isLoggable(record)) {
            Object[] parameters = record.getParameters();
            tell(
                    parameters == null || parameters.length == 0
                            ? record.getMessage()
                            : new MessageFormat(record.getMessage(), Locale.ROOT)
                                    .format(parameters));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
    }

    /** The end of the story. */
    String last(int count) {
        return String.join("\n", lines.stream().skip(Math.max(0, lines.size() - count)).toList());
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}

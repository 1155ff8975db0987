package io.stria.systemtests.linear;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a fault meant for hosts and for the leadership, from its begin until the cluster was healthy
 * again.
 *
 * @param fromNs when it began, on the history's clock
 * @param toNs when all was told to be healthy, on the same clock
 * @param begin the same moment as {@code fromNs}, on the clock of nodes' logs
 * @param lines of all nodes' logs, in their order, from the cluster's start on
 */
record FaultStory(Fault fault, long fromNs, long toNs, Instant begin, List<String> lines) {
    /** What Ratis says of elections with {@code stria.log.elections}, and nodes by themselves. */
    private static final Pattern ELECTIONS =
            Pattern.compile(
                    "change to CANDIDATE|changes role from|[Ll]ost leadership|step(ping)? ?down"
                            + "|round \\d+: (submit|result)|replies to .* vote request"
                            + "|receive startLeaderElection|pause in JVM|no leader|leads, term"
                            + "|declared");

    /** Election lines that are told; a voter that is cut off stands again and again. */
    private static final int LINES_MAX = 60;

    /** Sentences to print. */
    List<String> tell(History history) {
        List<String> story = new ArrayList<>();
        Span idle = history.longestIdle(fromNs, toNs);
        Span wait = history.longestWait(fromNs);
        story.add(
                ("%s: healthy again; the longest operation took %d ms, a host's longest wait for a"
                                + " path %d ms; nobody was served for %d ms, from %s on")
                        .formatted(
                                fault,
                                history.longestNs(fromNs) / 1_000_000,
                                wait.ms(),
                                idle.ms(),
                                seconds(idle.fromNs() - fromNs)));
        Leadership leadership = Leadership.of(lines);
        String before = leadership.at(begin).map(Leadership.Term::toString).orElse("nobody known");
        List<Leadership.Term> changes = leadership.since(begin);
        if (changes.isEmpty()) {
            story.add("%s: %s led before and after".formatted(fault, before));
            return story;
        }
        story.add("%s: %s led before".formatted(fault, before));
        for (Leadership.Term term : changes) {
            story.add("%s: then %s, from %s on".formatted(fault, term, after(term.knownAt())));
        }
        story.addAll(elections());
        return story;
    }

    private List<String> elections() {
        List<String> told =
                lines.stream()
                        .filter(line -> ELECTIONS.matcher(line).find())
                        .filter(line -> !time(line).isBefore(begin))
                        .map(line -> "  %s %s".formatted(after(time(line)), line.split(" ", 2)[1]))
                        .toList();
        return told.size() <= LINES_MAX ? told : told.subList(0, LINES_MAX);
    }

    private static Instant time(String line) {
        return Instant.parse(line.substring(0, line.indexOf(' ')));
    }

    private String after(Instant when) {
        return seconds(Duration.between(begin, when).toNanos());
    }

    /** After the fault's begin. */
    private static String seconds(long ns) {
        return String.format(Locale.ROOT, "%+.3f s", ns / 1e9);
    }
}

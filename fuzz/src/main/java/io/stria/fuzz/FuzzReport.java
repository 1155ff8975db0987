package io.stria.fuzz;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one run of the fuzzer came to.
 *
 * @param ran whether the fuzzer could begin at all
 * @param runs inputs that it says it tried, which it says at its end only
 * @param edges branches of the code under test that were taken
 * @param finding the bytes for which the target threw, or null
 * @param exitStatus of its process
 * @param output all that the fuzzer printed
 */
record FuzzReport(
        String target,
        boolean ran,
        long runs,
        int edges,
        int inputs,
        long millis,
        @Nullable Path finding,
        int exitStatus,
        String output) {
    private static final Pattern RUNS = Pattern.compile("number_of_executed_units: (\\d+)");
    private static final Pattern COVERAGE = Pattern.compile("cov: (\\d+) ft: \\d+ corp: (\\d+)/");
    private static final Pattern FINDING = Pattern.compile("Test unit written to (\\S+)");
    private static final Pattern TROUBLE =
            Pattern.compile("(?m)^.*(UnsatisfiedLinkError|ERROR:|Error:|Exception).*$");

    static FuzzReport of(String target, String output, int exitStatus, long millis) {
        int edges = 0;
        int inputs = 0;
        Matcher coverage = COVERAGE.matcher(output);
        while (coverage.find()) {
            edges = Integer.parseInt(coverage.group(1));
            inputs = Integer.parseInt(coverage.group(2));
        }
        Matcher runs = RUNS.matcher(output);
        long runCount = runs.find() ? Long.parseLong(runs.group(1)) : 0;
        Matcher finding = FINDING.matcher(output);
        Path found = finding.find() ? Path.of(finding.group(1)) : null;
        boolean ran = output.contains("INITED") || found != null;
        return new FuzzReport(
                target, ran, runCount, edges, inputs, millis, found, exitStatus, output);
    }

    /** Why the fuzzer did not run at all. */
    String trouble() {
        Matcher reason = TROUBLE.matcher(output);
        return "the fuzzer does not run here: "
                + (reason.find() ? reason.group().strip() : "it said nothing of why");
    }

    /** Whether it came to its end: a process that dies under way writes no bytes to a file. */
    boolean ended() {
        return exitStatus == 0 && runs > 0;
    }

    /** Why a run that did not come to its end is no good news. */
    String breakOff() {
        return "%s: the fuzzer broke off with exit status %d after %,d inputs:%n%s"
                .formatted(target, exitStatus, runs, output);
    }

    String advice() {
        return """
        %s threw for the bytes in %s.
        Keep them as a file in src/test/resources/fuzz/%s: every later build tries them first.
        %s\
        """
                .formatted(target, finding, target, output);
    }

    @Override
    public String toString() {
        if (!ran) {
            return "fuzz: " + target + ": " + trouble();
        }
        return "fuzz: %s: %,d runs in %.1f s (%,d/s), %d edges, %d inputs%s"
                .formatted(
                        target,
                        runs,
                        millis / 1e3,
                        runs * 1000 / Math.max(1, millis),
                        edges,
                        inputs,
                        finding == null ? "" : ", FOUND " + finding);
    }
}

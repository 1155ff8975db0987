package io.stria.systemtests.hostile;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What hostile hosts have sent and heard.
 *
 * @param judged PDUs whose answer was compared with what it should be
 * @param misjudged those of them that were answered wrongly
 * @param answers counted by kind
 */
record HostileReport(
        long pdus, long connections, long judged, long misjudged, SortedMap<String, Long> answers) {
    /** What a sender prints once it has sent something. */
    static final String SENDING = "hostile so far ";

    private static final String ANSWER = "hostile answer ";

    static HostileReport parse(String output) {
        SortedMap<String, Long> answers = new TreeMap<>();
        output.lines()
                .filter(line -> line.startsWith(ANSWER))
                .map(line -> line.substring(ANSWER.length()).split(" ", 2))
                .forEach(word -> answers.put(word[1], Long.parseLong(word[0])));
        return new HostileReport(
                number(output, "pdus"),
                number(output, "connections"),
                number(output, "judged"),
                number(output, "misjudged"),
                answers);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(
                "hostile: %d PDUs on %d connections; %d answers judged, %d of them wrong%n"
                        .formatted(pdus, connections, judged, misjudged));
        answers.forEach((kind, count) -> text.append("  %8d %s%n".formatted(count, kind)));
        return text.toString();
    }

    private static long number(String output, String name) {
        String start = "hostile " + name + " ";
        return output.lines()
                .filter(line -> line.startsWith(start))
                .map(line -> Long.parseLong(line.substring(start.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no report:\n" + output));
    }
}

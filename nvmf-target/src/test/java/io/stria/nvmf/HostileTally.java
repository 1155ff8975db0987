package io.stria.nvmf;

import java.util.Map;
import java.util.TreeMap;

/** What hostile hosts have sent, and what came back. May be used by any thread. */
final class HostileTally {
    private final Map<String, Long> answers = new TreeMap<>();
    private long pdus;
    private long connections;
    private long judged;
    private long misjudged;

    synchronized void sent(int count) {
        pdus += count;
    }

    synchronized void connected() {
        connections++;
    }

    synchronized void answered(String kind) {
        answers.merge(kind, 1L, Long::sum);
    }

    /** One PDU's answer was compared with what it should be; the first wrong ones are printed. */
    synchronized void judged(boolean right, String what) {
        judged++;
        if (!right && misjudged++ < 10) {
            System.out.println("hostile example " + what);
        }
    }

    synchronized long pdus() {
        return pdus;
    }

    /** The lines of a report; the first word of each is {@code hostile}. */
    synchronized String report() {
        StringBuilder text = new StringBuilder();
        text.append("hostile pdus ").append(pdus).append('\n');
        text.append("hostile connections ").append(connections).append('\n');
        text.append("hostile judged ").append(judged).append('\n');
        text.append("hostile misjudged ").append(misjudged).append('\n');
        answers.forEach((kind, count) ->
                text.append("hostile answer ").append(count).append(' ').append(kind).append('\n'));
        return text.toString();
    }
}

package io.stria.systemtests.linear;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who led the control plane when, as nodes' logs tell it.
 *
 * @param terms of leaders, in their order
 */
record Leadership(List<Term> terms) {
    private static final Pattern LEADS =
            Pattern.compile("(\\S+) node \\d+: .* node (\\d+) leads, term (\\d+)");

    /**
     * @param knownAt when the first node knew
     */
    record Term(Instant knownAt, int leader, long number) {
        @Override
        public String toString() {
            return "node %d in term %d".formatted(leader, number);
        }
    }

    /**
     * @param lines of all nodes' logs, in their order
     */
    static Leadership of(List<String> lines) {
        List<Term> terms = new ArrayList<>();
        for (String line : lines) {
            Matcher matcher = LEADS.matcher(line);
            if (matcher.matches()) {
                long number = Long.parseLong(matcher.group(3));
                if (terms.isEmpty() || terms.getLast().number() < number) {
                    int leader = Integer.parseInt(matcher.group(2));
                    terms.add(new Term(Instant.parse(matcher.group(1)), leader, number));
                }
            }
        }
        return new Leadership(terms);
    }

    /** The one whom nodes knew then. */
    Optional<Term> at(Instant when) {
        return terms.stream()
                .filter(term -> !term.knownAt().isAfter(when))
                .reduce((earlier, later) -> later);
    }

    List<Term> since(Instant when) {
        return terms.stream().filter(term -> term.knownAt().isAfter(when)).toList();
    }
}

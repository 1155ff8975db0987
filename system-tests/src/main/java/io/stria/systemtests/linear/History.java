package io.stria.systemtests.linear;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** All that hosts did, in the order in which it ended. Any thread may add to it. */
final class History {
    private final List<Operation> operations = new ArrayList<>();
    private final List<Span> waits = new ArrayList<>();

    synchronized void add(Operation operation) {
        operations.add(operation);
    }

    /** A host had no usable path for so long. */
    synchronized void waited(Span span) {
        waits.add(span);
    }

    synchronized List<Operation> all() {
        return List.copyOf(operations);
    }

    /** Whether so many hosts have been served. */
    synchronized boolean hasAllOf(int hosts) {
        return operations.stream()
                        .filter(Operation::known)
                        .mapToInt(Operation::client)
                        .distinct()
                        .limit(hosts)
                        .count()
                == hosts;
    }

    /** The longest time that an operation took which ended since then. */
    synchronized long longestNs(long sinceNs) {
        long longest = 0;
        for (Operation operation : operations) {
            if (operation.endNs() >= sinceNs) {
                longest = Math.max(longest, operation.endNs() - operation.startNs());
            }
        }
        return longest;
    }

    /**
     * The longest time that a host had no usable path which ended since then; nothing if none did.
     */
    synchronized Span longestWait(long sinceNs) {
        return waits.stream()
                .filter(wait -> wait.toNs() >= sinceNs)
                .reduce(new Span(sinceNs, sinceNs), Span::longer);
    }

    /**
     * The longest time in which no host was served: no operation ended with an answer, whatever
     * hosts did. It may have begun before these times, and not have ended after them.
     */
    synchronized Span longestIdle(long fromNs, long toNs) {
        long servedNs = Long.MIN_VALUE;
        List<Long> endsNs = new ArrayList<>();
        for (Operation operation : operations) {
            if (operation.known() && operation.endNs() <= fromNs) {
                servedNs = Math.max(servedNs, operation.endNs());
            } else if (operation.known() && operation.endNs() <= toNs) {
                endsNs.add(operation.endNs());
            }
        }
        Collections.sort(endsNs);
        endsNs.add(toNs);
        servedNs = servedNs == Long.MIN_VALUE ? fromNs : servedNs;
        Span longest = new Span(servedNs, servedNs);
        for (long endNs : endsNs) {
            longest = Span.longer(longest, new Span(servedNs, endNs));
            servedNs = endNs;
        }
        return longest;
    }

    /** A line for each operation. */
    void write(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (Operation operation : all()) {
                out.write(operation.json());
                out.newLine();
            }
        }
    }

    /** What is wrong, a sentence for each block of which no order of operations explains it. */
    List<String> faults() {
        SortedMap<Long, List<Operation>> blocks = new TreeMap<>();
        for (Operation operation : all()) {
            blocks.computeIfAbsent(operation.lba(), _ -> new ArrayList<>()).add(operation);
        }
        List<String> faults = new ArrayList<>();
        blocks.forEach((lba, of) ->
                RegisterCheck.whyNot(of).ifPresent(why -> faults.add("block " + lba + ": " + why)));
        return faults;
    }
}

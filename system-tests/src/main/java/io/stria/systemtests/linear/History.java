package io.stria.systemtests.linear;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** All that hosts did, in the order in which it ended. Any thread may add to it. */
final class History {
    private final List<Operation> operations = new ArrayList<>();

    synchronized void add(Operation operation) {
        operations.add(operation);
    }

    synchronized List<Operation> all() {
        return List.copyOf(operations);
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

package io.stria.simulator.planted;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Plants one bug after the other, some at a time, and prints a table of what became of them. Rows
 * can be kept in a file: what has a row there is not hunted again, so a hunt that was interrupted
 * goes on where it was.
 */
public final class PlantedRun {
    /** For bugs of which it is known why nothing catches them. */
    private static final long FEW_SEEDS = 20;

    private final long seedsMax;
    private final int jobs;
    private final @Nullable Path kept;
    private final PrintStream out;
    private final PrintStream progress;
    private final Hunter hunter = new Hunter();

    /**
     * @param kept where rows are kept, or null
     * @param progress gets a line for each bug as soon as something became of it
     */
    public PlantedRun(
            long seedsMax, int jobs, @Nullable Path kept, PrintStream out, PrintStream progress) {
        this.seedsMax = seedsMax;
        this.jobs = jobs;
        this.kept = kept;
        this.out = out;
        this.progress = progress;
    }

    /** Of the bugs of the rule, or whose name holds the text; returns whether each was caught. */
    public boolean run(String like) {
        Map<String, String> known = known();
        List<String> rows = new ArrayList<>();
        Map<PlantedBug, Future<String>> hunts = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(jobs)) {
            for (PlantedBug bug : Catalogue.all()) {
                if (bug.rule().equals(like) || bug.name().contains(like)) {
                    String row = known.get(Caught.key(bug));
                    hunts.put(bug, threads.submit(() -> row != null ? row : hunt(bug)));
                }
            }
        }
        hunts.values().forEach(hunt -> rows.add(result(hunt)));
        out.println(Caught.TITLE);
        rows.forEach(out::println);
        long missed = rows.stream().filter(row -> row.contains(Caught.MISSED)).count();
        long redundant = rows.stream().filter(row -> row.contains(Caught.REDUNDANT)).count();
        out.printf(
                "%n%d of %d bugs are caught, %d are redundant, %d are not caught within %d seeds.%n",
                rows.size() - missed - redundant, rows.size(), redundant, missed, seedsMax);
        return missed == 0;
    }

    private String hunt(PlantedBug bug) {
        long startNs = System.nanoTime();
        long most = bug.redundant() == null ? seedsMax : Math.min(seedsMax, FEW_SEEDS);
        String row = hunter.hunt(bug, most).row();
        progress.printf("%s %d s%n", row, (System.nanoTime() - startNs) / 1_000_000_000L);
        keep(row);
        return row;
    }

    private Map<String, String> known() {
        Map<String, String> rows = new LinkedHashMap<>();
        try {
            if (kept != null && Files.exists(kept)) {
                Files.readAllLines(kept).forEach(row -> rows.put(Caught.keyOf(row), row));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    private synchronized void keep(String row) {
        if (kept == null) {
            return;
        }
        try {
            Files.writeString(
                    kept, row + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String result(Future<String> hunt) {
        try {
            return hunt.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}

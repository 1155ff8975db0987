package io.stria.simulator.planted;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Plants one bug after the other, some at a time, and prints a table of what became of them. */
public final class PlantedRun {
    private final long seedsMax;
    private final int jobs;
    private final PrintStream out;
    private final PrintStream progress;

    /**
     * @param progress gets a line for each bug as soon as something became of it
     */
    public PlantedRun(long seedsMax, int jobs, PrintStream out, PrintStream progress) {
        this.seedsMax = seedsMax;
        this.jobs = jobs;
        this.out = out;
        this.progress = progress;
    }

    /** Of the bugs whose rule and name hold the text; returns whether each was caught. */
    public boolean run(String like) {
        List<Future<Caught>> hunts = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(jobs)) {
            for (PlantedBug bug : Catalogue.all()) {
                if (bug.toString().contains(like)) {
                    hunts.add(threads.submit(() -> told(Hunter.hunt(bug, seedsMax))));
                }
            }
        }
        List<Caught> all = hunts.stream().map(PlantedRun::result).toList();
        long caught = all.stream().filter(Caught::isCaught).count();
        out.println(Caught.TITLE);
        all.forEach(each -> out.println(each.row()));
        out.printf("%n%d of %d bugs are caught.%n", caught, all.size());
        return caught == all.size();
    }

    private Caught told(Caught caught) {
        progress.println(caught.row());
        return caught;
    }

    private static Caught result(Future<Caught> hunt) {
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

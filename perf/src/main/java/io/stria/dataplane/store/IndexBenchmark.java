package io.stria.dataplane.store;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The chunk store's tables: a page by its address, and a fragment that enters and leaves the
 * journal.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class IndexBenchmark {
    private static final int JOURNAL_ENTRIES = 1 << 17;
    private static final int FRAGMENT_SHIFT = 12;
    private static final int FRAGMENTS = 32;
    private static final long VUID = 7L << 39;

    /** Of 128 KiB: 2 GiB, 128 GiB. */
    @Param({"16384", "1048576"})
    public int pages;

    private final SplittableRandom random = new SplittableRandom(1);
    private PageIndex index;
    private JournalEntries entries;

    @Setup
    public void fill() {
        Arena arena = Arena.ofAuto();
        index = new PageIndex(arena, PageIndex.entriesFor(pages));
        entries = new JournalEntries(arena, index, JOURNAL_ENTRIES);
        for (int page = 0; page < pages; page++) {
            index.add(VUID | page, FRAGMENT_SHIFT);
        }
    }

    @Benchmark
    public int findPage() {
        return index.find(VUID | random.nextInt(pages));
    }

    @Benchmark
    public int appendAndRemove() {
        int page = random.nextInt(pages);
        int entry = entries.add(page, random.nextInt(FRAGMENTS), 0, 1, 0, 0, 0);
        entries.remove(entry);
        return entry;
    }
}

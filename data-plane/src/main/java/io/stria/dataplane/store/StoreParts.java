package io.stria.dataplane.store;

import io.stria.runtime.Timers;
import java.lang.foreign.Arena;

/** The parts of one store, wired. */
final class StoreParts {
    final StoreCounters counters = new StoreCounters();
    final StoreHealth health;
    final WatchedFile file;
    final Vuids vuids = new Vuids();
    final PageIndex index;
    final PageAllocator allocator;
    final JournalEntries entries;
    final Shadows shadows;
    final JournalRing ring;
    final ShadowWriter shadowWriter;
    final Pages pages;
    final HeaderCache headers;
    final RecordApplier applier;
    final Deletions deletions;
    final MergePace pace;
    final Merger merger;
    final GroupCommit commit;
    final MergePolicy policy;
    final Completions completions;
    final Changes changes;
    final Reads reads;
    final Lister lister;
    final Barriers barriers;
    final LostPages lost;
    final Blanking blanking;

    StoreParts(
            WatchedFile file,
            StoreHealth health,
            Superblock superblock,
            StoreConfig config,
            MemoryPlan plan,
            Timers timers,
            Arena arena) {
        Layout layout = superblock.layout();
        long formatId = superblock.formatId();
        this.file = file;
        this.health = health;
        index = new PageIndex(arena, plan.pageEntries());
        allocator = new PageAllocator(arena, layout.pages());
        entries = new JournalEntries(arena, index, plan.journalEntries());
        shadows = new Shadows(arena, layout);
        ring = new JournalRing(arena, layout, shadows);
        shadowWriter = new ShadowWriter(file, layout, ring, shadows, health, counters);
        lost = new LostPages(vuids, index);
        pages = new Pages(index, entries, allocator, ring, new DeadPages(index), lost);
        headers =
                new HeaderCache(
                        arena,
                        file,
                        layout,
                        formatId,
                        index,
                        lost,
                        ring,
                        counters,
                        plan.headerGroups());
        applier = new RecordApplier(pages, ring, headers, vuids, counters);
        deletions = new Deletions(pages, ring, headers, vuids);
        ReadBuffers buffers =
                new ReadBuffers(
                        arena, layout.chunkBytes(), plan.smallBuffers(), plan.largeBuffers());
        HomeWrites homeWrites =
                new HomeWrites(
                        file, layout, pages, headers, buffers, counters, config.bypassBytesMin());
        long mark = (long) layout.ringBytes() * config.mergePercent() / 100;
        pace = new MergePace(timers, ring, entries, mark, config.idleMergeNs());
        merger =
                new Merger(
                        arena,
                        layout,
                        file,
                        ring,
                        pages,
                        headers,
                        vuids,
                        deletions,
                        homeWrites,
                        pace,
                        health,
                        counters,
                        plan.mergeBufferBytes());
        completions = new Completions(headers, buffers, pages, timers);
        deletions.completions(completions);
        commit =
                new GroupCommit(
                        arena,
                        file,
                        layout,
                        formatId,
                        ring,
                        allocator,
                        vuids,
                        applier,
                        completions,
                        deletions,
                        health,
                        counters);
        policy =
                new MergePolicy(
                        config,
                        timers,
                        ring,
                        pages,
                        headers,
                        vuids,
                        deletions,
                        merger,
                        pace,
                        commit,
                        new TailCopier(pages, ring, commit, vuids, counters),
                        shadowWriter,
                        health);
        changes =
                new Changes(
                        pages,
                        headers,
                        new Staging(
                                pages,
                                ring,
                                commit,
                                new JournalRoom(layout, pages, commit, policy),
                                completions,
                                counters),
                        homeWrites,
                        policy,
                        completions,
                        health,
                        counters);
        reads =
                new Reads(
                        file, layout, pages, headers, ring, buffers, completions, health, counters);
        lister = new Lister(layout, pages, headers, completions);
        barriers = new Barriers(completions, changes, vuids, lost, layout.pageShift());
        completions.listener(barriers);
        blanking = new Blanking(arena, file, layout, allocator, lost, health, counters);
    }
}

package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers of all pages that were ever given out and makes the index from them. What a
 * header says holds against the journal's word on where a key's page is: a page that was given up
 * was wiped before.
 *
 * <p>A header that is neither valid nor blank is a damaged one (see {@link Blanking}). If the
 * journal names the page, its key is known and what it held is bad. Else the page is {@linkplain
 * LostPages lost}. So are two that claim the same key, of which the journal names neither: one was
 * lost for a time, and replaced meanwhile.
 *
 * <p>A header of another owner than the one that the journal names is <em>stale</em>: its page had
 * been given up, but the device has lost the write that should have wiped it. So the journal holds
 * there. If the journal names none, a header whose sectors name two owners is a damaged one.
 *
 * <p>Where the journal is empty no page was ever given out. So if the first ones have headers, the
 * journal was lost, and the device is refused: its pages would be blanked and given out anew.
 */
final class HeaderScan {
    private static final int READS_AT_A_TIME = 32;

    /** Where nobody knows how many were given out. */
    private static final int FIRST_PAGES = 32;

    /** Neither valid nor blank. */
    private static final int UNREADABLE = 0xff;

    private static final long NO_KEY = -1;

    private final Layout layout;
    private final long formatId;
    private final StoreParts parts;
    private final PageIndex index;
    private final RingScan scan;
    private final Area area;
    private final Consumer<String> whenRefused;
    private final Runnable whenDone;
    private final int endPage;
    private final int[] pageOfRead = new int[READS_AT_A_TIME];
    private final SalvagingRead[] reads;

    /** By id: the page that the journal names, where a header says another. */
    private final Map<Integer, Integer> namedPages = new HashMap<>();

    private final NamedPages named;
    private final List<Integer> stalePages = new ArrayList<>();
    private long @Nullable [] keysWithoutPage;
    private int nextPage;
    private int inFlight;
    private boolean forgotten;

    HeaderScan(
            BlockFile file,
            Layout layout,
            long formatId,
            StoreParts parts,
            RingScan scan,
            Arena arena,
            Consumer<String> whenRefused,
            Runnable whenDone) {
        this.layout = layout;
        this.formatId = formatId;
        this.parts = parts;
        this.index = parts.index;
        this.scan = scan;
        this.named = new NamedPages(index);
        this.area = new Area(arena, (long) READS_AT_A_TIME * layout.headerBytes());
        this.reads =
                SalvagingRead.several(
                        READS_AT_A_TIME,
                        file,
                        layout,
                        area,
                        parts.counters,
                        block -> area.fill(block, layout.blockBytes(), UNREADABLE),
                        this::headerRead);
        this.whenRefused = whenRefused;
        this.whenDone = whenDone;
        this.endPage = scan.head() == 0 ? Math.min(FIRST_PAGES, layout.pages()) : scan.highWater();
    }

    void start() {
        for (int read = 0; read < READS_AT_A_TIME; read++) {
            readNext(read);
        }
        if (inFlight == 0) {
            finish();
        }
    }

    private void readNext(int read) {
        if (nextPage == endPage) {
            return;
        }
        pageOfRead[read] = nextPage++;
        inFlight++;
        reads[read].start(
                layout.headerOffset(pageOfRead[read]),
                read * layout.headerBytes(),
                layout.headerBytes());
    }

    /** As much of it as there is: one sector is enough to tell whose page it is. */
    private void headerRead(int read) {
        inFlight--;
        take(pageOfRead[read], read * layout.headerBytes());
        readNext(read);
        if (inFlight == 0) {
            finish();
        }
    }

    private void take(int page, int offset) {
        int sectors = layout.headerBytes() / PageHeader.SECTOR_BYTES;
        if (scan.head() == 0) {
            for (int sector = 0; sector < sectors; sector++) {
                int at = offset + sector * PageHeader.SECTOR_BYTES;
                forgotten |= PageHeader.isValid(area, at, formatId, page, sector);
            }
            return;
        }
        int owner = named.ownerOf(page);
        long key = owner == PageIndex.NONE ? NO_KEY : index.key(owner);
        int valid = 0;
        int stale = 0;
        int anyValid = -1;
        boolean blank = true;
        for (int sector = 0; sector < sectors; sector++) {
            int at = offset + sector * PageHeader.SECTOR_BYTES;
            if (!PageHeader.isValid(area, at, formatId, page, sector)) {
                blank &= PageHeader.isZero(area, at);
                continue;
            }
            if (key == NO_KEY) {
                key = PageHeader.key(area, at);
            }
            if (PageHeader.key(area, at) == key) {
                valid++;
                anyValid = at;
            } else {
                stale++;
            }
        }
        if (stale > 0) {
            stalePages.add(page);
        }
        boolean twoOwners = stale > 0 && owner == PageIndex.NONE;
        if (valid > 0 && !twoOwners) {
            parts.counters.recoveredPages++;
            take(page, offset, key, anyValid, valid);
        } else if (!blank || twoOwners) {
            parts.lost.add(page);
        }
    }

    private void take(int page, int offset, long key, int anyValid, int valid) {
        int shift = PageHeader.fragmentShift(area, anyValid);
        int pageId = index.find(key);
        boolean journaled = pageId != PageIndex.NONE;
        if (!journaled) {
            pageId = parts.pages.findOrMake(key, shift);
            index.lastBatch(pageId, (int) (scan.tail() - 1));
        }
        if (!index.has(pageId, PageIndex.HOME_EMPTY) && !replacesOther(pageId, page)) {
            return;
        }
        boolean moved = index.page(pageId) != page;
        if (moved && index.page(pageId) != PageIndex.NONE) {
            namedPages.putIfAbsent(pageId, index.page(pageId));
        }
        boolean whole = valid >= layout.sectors(shift);
        if (whole) {
            index.set(pageId, PageIndex.UNWRITTEN, false);
        } else if (moved) {
            index.set(pageId, PageIndex.UNWRITTEN, journaled || isInJournalWithoutPage(key));
        }
        parts.vuids.get((int) (key >>> DeviceAddress.VUID_SHIFT)); // perhaps nothing else names it
        index.page(pageId, page);
        index.set(pageId, PageIndex.HOME_EMPTY, false);
        takeVersions(pageId, page, offset, shift);
    }

    /** Then the page was got for tombstones, and what is not there yet of its header is absent. */
    private boolean isInJournalWithoutPage(long key) {
        if (keysWithoutPage == null) {
            keysWithoutPage = RingIndex.keysWithoutPage(scan);
        }
        return Arrays.binarySearch(keysWithoutPage, key) >= 0;
    }

    /** Another page claims the same key: at most one of them may keep it. */
    private boolean replacesOther(int pageId, int page) {
        int other = index.page(pageId);
        if (namedPages.getOrDefault(pageId, PageIndex.NONE) == page) {
            parts.lost.add(other);
            index.homeVersion(pageId, 0);
            return true;
        }
        parts.lost.add(page);
        boolean otherIsNamed =
                index.has(pageId, PageIndex.NAMED) && !namedPages.containsKey(pageId);
        if (!otherIsNamed && other != PageIndex.NONE) {
            parts.lost.add(other);
            index.page(pageId, PageIndex.NONE);
            index.homeVersion(pageId, 0);
        }
        return false;
    }

    private void takeVersions(int pageId, int page, int offset, int shift) {
        boolean empty = true;
        if (isBlank(pageId, page, offset, shift)) {
            index.set(pageId, PageIndex.UNWRITTEN, true);
        }
        for (int fragment = 0; fragment < layout.fragments(shift); fragment++) {
            int sector = fragment / PageHeader.FRAGMENTS_PER_SECTOR;
            int at = offset + sector * PageHeader.SECTOR_BYTES;
            if (!isValid(pageId, page, at, sector)) {
                empty &= index.has(pageId, PageIndex.UNWRITTEN);
                fragment = (sector + 1) * PageHeader.FRAGMENTS_PER_SECTOR - 1;
                continue;
            }
            long version = PageHeader.version(area, offset, fragment);
            index.raiseHomeVersion(pageId, version);
            empty &= isNothing(offset, fragment);
        }
        if (empty) {
            parts.pages.dead().add(pageId);
        }
    }

    private boolean isValid(int pageId, int page, int at, int sector) {
        return PageHeader.isValid(area, at, formatId, page, sector)
                && PageHeader.key(area, at) == index.key(pageId);
    }

    /** A page that was being wiped: what is left of its header holds no data. */
    private boolean isBlank(int pageId, int page, int offset, int shift) {
        for (int sector = 0; sector < layout.sectors(shift); sector++) {
            int at = offset + sector * PageHeader.SECTOR_BYTES;
            boolean blank =
                    isValid(pageId, page, at, sector)
                            ? isBlankSector(offset, sector, shift)
                            : PageHeader.isZero(area, at);
            if (!blank) {
                return false;
            }
        }
        return true;
    }

    private boolean isBlankSector(int offset, int sector, int shift) {
        int first = sector * PageHeader.FRAGMENTS_PER_SECTOR;
        int end = Math.min(layout.fragments(shift), first + PageHeader.FRAGMENTS_PER_SECTOR);
        for (int fragment = first; fragment < end; fragment++) {
            if (!isNothing(offset, fragment)) {
                return false;
            }
        }
        return true;
    }

    private boolean isNothing(int offset, int fragment) {
        return !PageHeader.isDamaged(area, offset, fragment)
                && (PageHeader.version(area, offset, fragment) == 0
                        || PageHeader.isTombstone(area, offset, fragment));
    }

    private void finish() {
        if (forgotten) {
            whenRefused.accept("the journal is empty, and the device has pages");
            return;
        }
        for (int pageId = 0; pageId < index.highId(); pageId++) {
            if (!index.isUsed(pageId)) {
                continue;
            }
            if (index.page(pageId) == PageIndex.NONE) {
                forgetHome(pageId);
            } else if (index.has(pageId, PageIndex.HOME_EMPTY)) {
                findDamage(pageId);
            }
        }
        keepStale();
        whenDone.run();
    }

    /** No page is free while its header names an owner. */
    private void keepStale() {
        for (int page : stalePages) {
            int owner = named.ownerOf(page);
            if (owner != PageIndex.NONE && index.page(owner) != page) {
                parts.lost.add(page);
            }
        }
    }

    private void forgetHome(int pageId) {
        index.set(pageId, PageIndex.HOME_EMPTY, true);
        index.set(pageId, PageIndex.UNWRITTEN, true);
    }

    /** A header that the journal knows to have been written, or that is damaged: none is left. */
    private void findDamage(int pageId) {
        boolean damaged = parts.lost.remove(index.page(pageId));
        if (damaged || !index.has(pageId, PageIndex.UNWRITTEN)) {
            index.set(pageId, PageIndex.HOME_EMPTY, false);
            index.homeVersion(pageId, -1L);
        }
    }
}

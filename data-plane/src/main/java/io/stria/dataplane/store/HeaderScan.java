package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;

/**
 * Reads the headers of all pages that were ever given out and makes the index from them. What a
 * header says holds against the journal's word on where a key's page is: a page that was given up
 * was wiped before.
 */
final class HeaderScan implements BlockFile.Completion {
    private static final int READS_AT_A_TIME = 32;

    private final BlockFile file;
    private final Layout layout;
    private final long formatId;
    private final StoreParts parts;
    private final PageIndex index;
    private final int pages;
    private final Area area;
    private final Runnable whenDone;
    private final int[] pageOfRead = new int[READS_AT_A_TIME];
    private int nextPage;
    private int inFlight;

    HeaderScan(
            BlockFile file,
            Layout layout,
            long formatId,
            StoreParts parts,
            int pages,
            Arena arena,
            Runnable whenDone) {
        this.file = file;
        this.layout = layout;
        this.formatId = formatId;
        this.parts = parts;
        this.index = parts.index;
        this.pages = pages;
        this.area = new Area(arena, (long) READS_AT_A_TIME * layout.headerBytes());
        this.whenDone = whenDone;
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
        if (nextPage == pages) {
            return;
        }
        pageOfRead[read] = nextPage++;
        inFlight++;
        file.read(
                layout.headerOffset(pageOfRead[read]),
                area.segment(),
                (long) read * layout.headerBytes(),
                layout.headerBytes(),
                this,
                read);
    }

    @Override
    public void complete(long token, int result) {
        int read = (int) token;
        inFlight--;
        if (result == layout.headerBytes()) {
            take(pageOfRead[read], read * layout.headerBytes());
        } else {
            parts.counters.readErrors++;
        }
        readNext(read);
        if (inFlight == 0) {
            finish();
        }
    }

    private void take(int page, int offset) {
        int sectors = layout.headerBytes() / PageHeader.SECTOR_BYTES;
        int valid = 0;
        int anyValid = -1;
        for (int sector = 0; sector < sectors; sector++) {
            int at = offset + sector * PageHeader.SECTOR_BYTES;
            if (PageHeader.isValid(area, at, formatId, page, sector)) {
                valid++;
                anyValid = at;
            }
        }
        if (valid > 0) {
            parts.counters.recoveredPages++;
            take(page, offset, PageHeader.key(area, anyValid), anyValid, valid);
        }
    }

    private void take(int page, int offset, long key, int anyValid, int valid) {
        int shift = PageHeader.fragmentShift(area, anyValid);
        int pageId = index.find(key);
        boolean journaled = pageId != PageIndex.NONE;
        if (!journaled) {
            pageId = parts.pages.findOrAdd(key, shift);
            assert pageId != PageIndex.NONE : "the index is full";
        }
        boolean moved = index.page(pageId) != page;
        boolean whole = valid >= layout.sectors(shift);
        if (whole) {
            index.set(pageId, PageIndex.UNWRITTEN, false);
        } else if (moved) {
            index.set(pageId, PageIndex.UNWRITTEN, journaled);
        }
        index.page(pageId, page);
        index.set(pageId, PageIndex.HOME_EMPTY, false);
        takeVersions(pageId, page, offset, shift);
    }

    private void takeVersions(int pageId, int page, int offset, int shift) {
        boolean empty = true;
        if (isBlank(page, offset, shift)) {
            index.set(pageId, PageIndex.UNWRITTEN, true);
        }
        for (int fragment = 0; fragment < layout.fragments(shift); fragment++) {
            int sector = fragment / PageHeader.FRAGMENTS_PER_SECTOR;
            int at = offset + sector * PageHeader.SECTOR_BYTES;
            if (!PageHeader.isValid(area, at, formatId, page, sector)) {
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

    /** A page that was being wiped: what is left of its header holds no data. */
    private boolean isBlank(int page, int offset, int shift) {
        for (int sector = 0; sector < layout.sectors(shift); sector++) {
            int at = offset + sector * PageHeader.SECTOR_BYTES;
            boolean blank =
                    PageHeader.isValid(area, at, formatId, page, sector)
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

    /** A page whose header the journal knows to have been written, and of which none is left. */
    private void finish() {
        for (int pageId = 0; pageId < index.highId(); pageId++) {
            if (index.isUsed(pageId)
                    && index.page(pageId) != PageIndex.NONE
                    && index.has(pageId, PageIndex.HOME_EMPTY)
                    && !index.has(pageId, PageIndex.UNWRITTEN)) {
                index.set(pageId, PageIndex.HOME_EMPTY, false);
                index.homeVersion(pageId, -1L);
            }
        }
        whenDone.run();
    }
}

package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;

/**
 * Sees to it that the header of every page below the high water mark was blank on the device before
 * the page was first given out, whatever the device held when it was formatted. So a header there
 * that is neither blank nor valid is a damaged one. Also blanks the {@linkplain LostPages lost
 * pages} when nobody needs them any more.
 */
final class Blanking implements BlockFile.Completion {
    private static final int AT_A_TIME = 16;
    private static final int AHEAD = 2 * AT_A_TIME;

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int FLUSH = 2;

    private final BlockFile file;
    private final Layout layout;
    private final PageAllocator allocator;
    private final LostPages lost;
    private final StoreHealth health;
    private final StoreCounters counters;
    private final Area area;
    private final int[] pages = new int[AT_A_TIME];
    private final boolean[] blank = new boolean[AT_A_TIME];
    private int count;
    private int iosInFlight;
    private boolean freeing;

    Blanking(
            Arena arena,
            BlockFile file,
            Layout layout,
            PageAllocator allocator,
            LostPages lost,
            StoreHealth health,
            StoreCounters counters) {
        this.file = file;
        this.layout = layout;
        this.allocator = allocator;
        this.lost = lost;
        this.health = health;
        this.counters = counters;
        this.area = new Area(arena, (long) AT_A_TIME * layout.headerBytes());
    }

    boolean isIdle() {
        return count == 0;
    }

    int poll() {
        if (count > 0 || health.hasFailed()) {
            return 0;
        }
        if (lost.areUnneeded()) {
            takeLost();
        } else if (allocator.blankAhead() < AHEAD && allocator.blankMark() < layout.pages()) {
            lookAhead();
        }
        return count;
    }

    private void lookAhead() {
        freeing = false;
        int from = allocator.blankMark();
        count = Math.min(AT_A_TIME, layout.pages() - from);
        iosInFlight = count;
        for (int i = 0; i < count; i++) {
            pages[i] = from + i;
            file.read(
                    layout.headerOffset(pages[i]),
                    area.segment(),
                    offset(i),
                    layout.headerBytes(),
                    this,
                    i << 2 | READ);
        }
    }

    private void takeLost() {
        freeing = true;
        for (int page = lost.next(0); page >= 0 && count < AT_A_TIME; page = lost.next(page + 1)) {
            pages[count] = page;
            blank[count++] = false;
        }
        writeBlank();
    }

    private int offset(int i) {
        return i * layout.headerBytes();
    }

    @Override
    public void complete(long token, int result) {
        int i = (int) token >> 2;
        iosInFlight--;
        switch ((int) token & 3) {
            case READ -> {
                blank[i] = result == layout.headerBytes() && isZero(offset(i));
                if (iosInFlight == 0) {
                    writeBlank();
                }
            }
            case WRITE -> {
                noteChange(result == layout.headerBytes());
                if (iosInFlight == 0) {
                    flush();
                }
            }
            default -> {
                noteChange(result >= 0);
                finish();
            }
        }
    }

    private boolean isZero(int from) {
        for (int at = 0; at < layout.headerBytes(); at += PageHeader.SECTOR_BYTES) {
            if (!PageHeader.isZero(area, from + at)) {
                return false;
            }
        }
        return true;
    }

    private void writeBlank() {
        for (int i = 0; i < count; i++) {
            if (!blank[i]) {
                area.zero(offset(i), layout.headerBytes());
                iosInFlight++;
                counters.headerBytesWritten += layout.headerBytes();
                file.write(
                        layout.headerOffset(pages[i]),
                        area.segment(),
                        offset(i),
                        layout.headerBytes(),
                        false,
                        this,
                        i << 2 | WRITE);
            }
        }
        if (iosInFlight == 0) {
            finish();
        }
    }

    private void noteChange(boolean done) {
        if (!done) {
            counters.writeErrors++;
            health.fail();
        }
    }

    private void flush() {
        if (health.hasFailed()) {
            finish();
        } else {
            iosInFlight++;
            file.flush(this, FLUSH);
        }
    }

    private void finish() {
        int done = count;
        count = 0;
        if (health.hasFailed()) {
            return;
        }
        if (!freeing) {
            allocator.blankBelow(pages[0] + done);
            return;
        }
        for (int i = 0; i < done; i++) {
            lost.remove(pages[i]);
            allocator.untake(pages[i]);
        }
    }
}

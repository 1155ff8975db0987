package io.stria.dataplane.volume;

import java.util.BitSet;
import java.util.List;

/**
 * What there is in a window of pages that move, and what of it is to be copied yet. What is not
 * plain is to be looked at carefully, and some of that block by block. On the owner's thread.
 */
final class WindowContents {
    /** Blocks between two runs that are copied once more, which is cheaper than two runs. */
    private static final int GAP_MAX = 3;

    private final StripeLayout layout;
    private final FirstVersions listed;

    /** Everything that there is in the window, copied or not. */
    private final WindowBlocks all = new WindowBlocks();

    /** Those to be copied as they stand at their old places. */
    private final WindowBlocks plain = new WindowBlocks();

    /** Those to be copied that were not plain. */
    private final WindowBlocks careful = new WindowBlocks();

    /** Those to be copied of which some neighbour could not be read. */
    private final WindowBlocks alone = new WindowBlocks();

    /**
     * Everything in the window that was not plain, copied or not. What its old place says may not
     * be the truth, so it is never copied as it stands there, also when it is copied once more.
     */
    private final WindowBlocks doubtful = new WindowBlocks();

    /** What hosts have written since it was copied. */
    private final WindowBlocks written = new WindowBlocks();

    private long firstPage;
    private long endPage;

    /** A run of blocks of the window. */
    record Run(long first, int count) {}

    /**
     * @param listed of the window that is being listed; those of one movement share it
     */
    WindowContents(StripeLayout layout, FirstVersions listed) {
        this.layout = layout;
        this.listed = listed;
    }

    void begin(long page) {
        firstPage = page;
        endPage = page;
        for (WindowBlocks set : List.of(all, plain, careful, alone, doubtful, written)) {
            set.begin(firstBlock(page));
        }
        listed.begin(firstBlock(page));
    }

    long firstPage() {
        return firstPage;
    }

    long endPage() {
        return endPage;
    }

    long firstBlock(long page) {
        return page * layout.blocksPerPage();
    }

    int blocks() {
        return Math.toIntExact(firstBlock(endPage) - firstBlock(firstPage));
    }

    /** Pages before it have been listed. */
    void listedTo(long page) {
        endPage = page;
    }

    /** Takes out the pages from the given one on. */
    void endAt(long page) {
        endPage = page;
        written.cut(firstBlock(page));
        all.cut(firstBlock(page));
    }

    /** One fragment that some store holds. What is not the same everywhere is not plain. */
    void onListed(long block, long version) {
        all.add(block);
        long before = listed.putIfNone(block, version);
        if (before == 0) {
            plain.add(block);
        } else if (before != version) {
            plain.remove(block, 1);
            careful.add(block);
            doubtful.add(block);
        }
    }

    void onWritten(long first, int count) {
        written.add(first, count);
    }

    int writtenSince() {
        return written.size();
    }

    /** What hosts have written is to be copied. */
    void takeWritten() {
        all.addAll(written);
        plain.addAll(written);
        plain.removeAll(doubtful);
        careful.addCommon(written, doubtful);
        written.begin(firstBlock(firstPage));
    }

    boolean holdsNothing() {
        return all.isEmpty();
    }

    boolean isCopied() {
        return plain.isEmpty() && careful.isEmpty() && alone.isEmpty();
    }

    /** The next page from the given one on that there is anything of; -1: none. */
    long nextPage(long page) {
        long block = all.next(firstBlock(page));
        return block < 0 ? -1 : layout.page(block);
    }

    boolean hasPlain() {
        return !plain.isEmpty();
    }

    /** Takes out the next blocks of one page that are plain; there are some. */
    Run takePlain(int max) {
        long first = plain.lowest();
        long doubted = doubtful.next(first);
        long toDoubted = doubted < 0 ? max : Math.min(doubted - first, max);
        int toPageEnd = layout.blocksPerPage() - layout.indexInPage(first);
        return take(plain, first, (int) Math.min(toDoubted, toPageEnd));
    }

    /** Those of the run of which no store has listed anything. */
    void holes(Run run, BitSet into) {
        into.clear();
        for (int i = 0; i < run.count; i++) {
            into.set(i, !all.contains(run.first + i));
        }
    }

    boolean hasCareful() {
        return !careful.isEmpty();
    }

    /** Takes out the next blocks of one page that are not plain; there are some. */
    Run takeCareful() {
        long first = careful.lowest();
        int toPageEnd = layout.blocksPerPage() - layout.indexInPage(first);
        return take(careful, first, Math.min(toPageEnd, StripeOp.BLOCKS_MAX));
    }

    boolean hasAlone() {
        return !alone.isEmpty();
    }

    /** Takes out the next block that is looked at by itself; there is one. */
    Run takeAlone() {
        return take(alone, alone.lowest(), 1);
    }

    /** With those between them that are few. */
    private static Run take(WindowBlocks from, long first, int max) {
        int count = 1;
        long next = from.next(first + 1);
        while (next >= 0 && next < first + max && next - (first + count) <= GAP_MAX) {
            count = (int) (next - first) + 1;
            next = from.next(next + 1);
        }
        from.remove(first, count);
        return new Run(first, count);
    }

    /** They were taken as plain, and are not. */
    void doubt(long first, int count) {
        careful.add(first, count);
        doubtful.add(first, count);
    }

    /** They are to be looked at once more, later. */
    void lookAgain(long first, int count, boolean oneByOne) {
        (oneByOne ? alone : careful).add(first, count);
    }
}

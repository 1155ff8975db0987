package io.stria.dataplane.volume;

import org.jspecify.annotations.Nullable;

/**
 * Pages that came to one store by a movement, or by a catch-up that took nothing there for granted,
 * of which it is not known yet that they still were there when the map showed it. Over the
 * association over which they came any answer to a later command tells; over another one they are
 * owed: the store may have come back without them.
 */
final class MovedPages {
    private @Nullable PageRange pages;

    /** The association over which they came. */
    private long over;

    /** When the map showed that they are there. */
    private long movedNs;

    void add(PageRange moved, long association, long nowNs) {
        if (pages == null) {
            pages = moved;
            over = association;
        } else {
            pages = pages.spanning(moved);
        }
        movedNs = nowNs;
    }

    /**
     * Whatever came before is there over this association.
     *
     * @param all all pages of the volume came now
     */
    void over(long association, boolean all) {
        pages = all ? PageRange.ALL : pages;
        over = association;
    }

    /** The map shows that they are there. */
    void shown(long nowNs) {
        movedNs = nowNs;
    }

    /** They were there, or are looked for in another way. */
    void forget() {
        pages = null;
    }

    /** Those that are to be compared from their first version on; null: none. */
    @Nullable PageRange owed(long association) {
        return over == association ? null : pages;
    }

    /** The store has yet to answer, over the same association. */
    boolean awaitAnswer(long association) {
        return pages != null && over == association;
    }

    /** A store that was to answer has: a command that was sent then. */
    void answered(long sentNs) {
        if (sentNs - movedNs > 0) {
            pages = null;
        }
    }
}

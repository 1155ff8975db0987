package io.stria.dataplane.volume;

/**
 * How many pieces the volumes of one reactor may copy at a time while their chunks move. They share
 * its memory, its devices and its network, so those that have a window under way have equal shares;
 * one piece each at least, since hosts wait for the last ones of a window. With it they share the
 * memory that stores list into, and that for what windows hold. On the reactor's thread.
 */
public final class CopyBudget {
    private final AnswerBuffers answerBuffers = new AnswerBuffers();
    private int movements;

    AnswerBuffers answerBuffers() {
        return answerBuffers;
    }

    /** One more movement copies. */
    void join() {
        movements++;
    }

    void leave() {
        assert movements > 0;
        movements--;
    }

    /** Pages that a window of one movement may have: few movements may have large ones. */
    int windowPages() {
        return Math.max(
                WindowSize.PAGES_MAX_AMONG_MANY, WindowSize.PAGES_MAX / Math.max(1, movements));
    }

    /** Pieces that one movement may copy at a time. */
    int share() {
        return Math.max(1, Pace.COPIES_MAX / Math.max(1, movements));
    }
}

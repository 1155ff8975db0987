package io.stria.dataplane.store;

/**
 * The room that changes find in the journal: for their records in the batch that is being filled,
 * and for their versions in the table of entries, of which commands and replacements leave some to
 * the others. Where there is none the {@link MergePolicy} hears of it.
 */
final class JournalRoom {
    private final Pages pages;
    private final GroupCommit commit;
    private final MergePolicy policy;
    private final int entriesForCommands;
    private final int replacementsMax;

    JournalRoom(Layout layout, Pages pages, GroupCommit commit, MergePolicy policy) {
        this.pages = pages;
        this.commit = commit;
        this.policy = policy;
        this.entriesForCommands = pages.entries.capacity() / 8 * 7;
        this.replacementsMax = Math.max(pages.entries.capacity() / 8, layout.fragmentsMax());
    }

    /**
     * Where its record may begin, or {@link GroupCommit#NO_ROOM}: then more is wanted, and it
     * waits.
     */
    int find(StoreOp op, int bytes) {
        if (!hasEntries(op)) {
            policy.wantRoom(false);
            return GroupCommit.NO_ROOM;
        }
        return find(op, bytes, op.urgent ? GroupCommit.Need.TAKE_OVER : GroupCommit.Need.COMMAND);
    }

    /** The same for one that takes no entry, or has it. */
    int find(StoreOp op, int bytes, GroupCommit.Need need) {
        int at = commit.room(bytes, need);
        if (at == GroupCommit.NO_ROOM) {
            policy.wantRoom(op.urgent);
        } else {
            policy.roomFound();
        }
        return at;
    }

    /** The same for one that does not wait: nobody is asked to make any for it. */
    int findAtOnce(StoreOp op, int bytes) {
        return hasEntriesForCommand(op)
                ? commit.room(bytes, GroupCommit.Need.COMMAND)
                : GroupCommit.NO_ROOM;
    }

    /** A take-over gets more of them than were planned. */
    private boolean hasEntries(StoreOp op) {
        if (!op.urgent) {
            return hasEntriesForCommand(op);
        }
        if (op.isReplacement() && pages.replacements() + op.count > replacementsMax) {
            return false;
        }
        while (pages.freeEntries() < op.count) {
            pages.entries.grow();
        }
        return true;
    }

    private boolean hasEntriesForCommand(StoreOp op) {
        int used = pages.entries.capacity() - pages.freeEntries();
        return used + op.count <= entriesForCommands;
    }
}

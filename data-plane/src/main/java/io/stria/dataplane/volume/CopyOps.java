package io.stria.dataplane.volume;

import java.util.ArrayDeque;

/** Operations of one movement that copy, kept for the next copies as far as its share goes. */
final class CopyOps {
    private final VolumeOwner owner;
    private final CopyBudget budget;
    private final ArrayDeque<RunCopy> runs = new ArrayDeque<>();
    private final ArrayDeque<SyncOp> careful = new ArrayDeque<>();

    CopyOps(VolumeOwner owner) {
        this.owner = owner;
        this.budget = owner.copyBudget();
    }

    RunCopy run() {
        return runs.isEmpty() ? new RunCopy(owner) : runs.remove();
    }

    SyncOp careful() {
        return careful.isEmpty() ? new SyncOp(owner) : careful.remove();
    }

    /** One of which a command is stuck is not used again. */
    void give(RunCopy op) {
        if (op.isIdle() && runs.size() < budget.share()) {
            runs.add(op);
        }
    }

    void give(SyncOp op) {
        if (op.isIdle() && careful.size() < budget.share()) {
            careful.add(op);
        }
    }

    /** Buffers above its share are left to others. */
    void trim() {
        while (runs.size() > budget.share()) {
            runs.remove();
        }
        while (careful.size() > budget.share()) {
            careful.remove();
        }
    }
}

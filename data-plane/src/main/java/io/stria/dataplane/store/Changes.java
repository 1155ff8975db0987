package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;

/**
 * WRITE, UNMAP, REPLACE and FREE on their way into a batch, and DELETE. What finds no room waits in
 * line; nothing overtakes it but what is <em>urgent</em>: what an owner writes again at its
 * take-over, REPLACE and DELETE. These must not wait for the committed watermark to rise, because
 * it does not rise without them. FREE keeps its place among them, and ends where there is no room.
 * An UNMAP that drops other versions is a REPLACE in all but its name. For an entry in the table
 * these wait for others of their kind alone, which go home at any time.
 */
final class Changes implements StoreOp.Driver {
    private final Pages pages;
    private final PageIndex index;
    private final HeaderCache headers;
    private final Staging staging;
    private final HomeWrites homeWrites;
    private final MergePolicy policy;
    private final Completions completions;
    private final StoreHealth health;
    private final StoreCounters counters;
    private final OpQueue waiting = new OpQueue();
    private final OpQueue urgent = new OpQueue();
    private boolean closing;

    Changes(
            Pages pages,
            HeaderCache headers,
            Staging staging,
            HomeWrites homeWrites,
            MergePolicy policy,
            Completions completions,
            StoreHealth health,
            StoreCounters counters) {
        this.pages = pages;
        this.index = pages.index;
        this.headers = headers;
        this.staging = staging;
        this.homeWrites = homeWrites;
        this.policy = policy;
        this.completions = completions;
        this.health = health;
        this.counters = counters;
    }

    void submit(StoreOp op) {
        op.driver = this;
        op.urgent = isUrgent(op);
        OpQueue line = lineOf(op);
        if (!line.isEmpty() || !advance(op)) {
            letGo(op);
            line.add(op);
        }
    }

    /** A write of an epoch that has committed nothing yet is one of its take-over. */
    private static boolean isUrgent(StoreOp op) {
        return switch (op.request.op) {
            case WRITE, UNMAP ->
                    op.isReplacement()
                            || Version.epoch(op.request.version) > Version.epoch(op.vuid.committed);
            default -> true;
        };
    }

    private OpQueue lineOf(StoreOp op) {
        return op.urgent ? urgent : waiting;
    }

    /** Who waits for room must not keep a header or a page from those who make room. */
    private void letGo(StoreOp op) {
        if (op.state == StoreOp.State.WAITING) {
            completions.letGo(op);
            op.pageId = PageIndex.NONE;
        }
    }

    int poll() {
        return poll(urgent) + poll(waiting);
    }

    private int poll(OpQueue line) {
        int advanced = 0;
        for (StoreOp op = line.poll(); op != null; op = line.poll()) {
            if (!advance(op)) {
                letGo(op);
                line.addFirst(op);
                break;
            }
            advanced++;
        }
        return advanced;
    }

    /**
     * Those of older associations that wait never take effect. The end of one may be the end of
     * barriers too, the next in line among them: then all that is left stands behind these.
     */
    void dropFenced(VuidState vuid) {
        StoreOp op = vuid.first;
        while (op != null) {
            StoreOp next = op.vuidNext;
            if (op.isUnstagedChange()
                    && (op.state == StoreOp.State.WAITING || op.state == StoreOp.State.HOME_DURABLE)
                    && op.isFenced()) {
                lineOf(op).remove(op);
                counters.fenced++;
                completions.finish(op, IoStatus.FENCED, 0);
            }
            boolean hasEnded = next != null && next.state == StoreOp.State.DONE;
            op = hasEnded ? vuid.first : next;
        }
    }

    /** Nobody waits for room from now on: there may never be any. */
    void close() {
        closing = true;
        dropAll(urgent);
        dropAll(waiting);
    }

    private void dropAll(OpQueue line) {
        for (StoreOp op = line.poll(); op != null; op = line.poll()) {
            completions.finish(op, IoStatus.NOT_SERVING, 0);
        }
    }

    /** Returns false if it has to wait in line. */
    private boolean advance(StoreOp op) {
        if (health.hasFailed()) {
            return end(op, IoStatus.MEDIA_ERROR);
        }
        if (closing) {
            return end(op, IoStatus.NOT_SERVING);
        }
        if (op.isFenced()) {
            counters.fenced++;
            return end(op, IoStatus.FENCED);
        }
        if (op.request.op == FragmentOp.DELETE) {
            return staging.delete(op);
        }
        if (op.vuid.deleting) {
            return end(op, IoStatus.ABORTED);
        }
        if (op.state == StoreOp.State.HOME_DURABLE) {
            return staging.home(op);
        }
        if (op.request.op == FragmentOp.FREE && index.find(op.key) == PageIndex.NONE) {
            return end(op, IoStatus.OK); // there is nothing of that chunk
        }
        if (!op.holdsPage && !holdPage(op)) {
            return op.state == StoreOp.State.DONE;
        }
        if (index.fragmentShift(op.pageId) != op.fragmentShift) {
            return end(op, IoStatus.INVALID);
        }
        if (needsPage(op) && index.page(op.pageId) == PageIndex.NONE) {
            if (op.request.op == FragmentOp.UNMAP && !pages.lost().any()) {
                return end(op, IoStatus.OK); // nothing is here
            }
            if (!takePage(op)) {
                return op.state == StoreOp.State.DONE;
            }
        }
        return switch (op.request.op) {
            case WRITE -> write(op);
            case UNMAP -> staging.unmap(op);
            case FREE -> staging.free(op);
            default -> replace(op);
        };
    }

    private boolean end(StoreOp op, IoStatus status) {
        completions.finish(op, status, 0);
        return true;
    }

    private boolean holdPage(StoreOp op) {
        int pageId = pages.findOrAdd(op.key, op.fragmentShift);
        if (pageId == PageIndex.NONE) {
            return waitForSpace(op);
        }
        if (index.has(pageId, PageIndex.FREEING)) {
            return false;
        }
        op.pageId = pageId;
        op.holdsPage = true;
        pages.hold(pageId);
        return true;
    }

    private static boolean needsPage(StoreOp op) {
        return op.request.op != FragmentOp.UNMAP || op.isReplacement();
    }

    private boolean takePage(StoreOp op) {
        int page = pages.allocator.take();
        if (page == PageAllocator.NOT_YET) {
            return false;
        }
        if (page == PageAllocator.NONE) {
            return op.request.op == FragmentOp.UNMAP ? hideNothing(op) : waitForSpace(op);
        }
        index.page(op.pageId, page);
        return true;
    }

    /** A tombstone without a page would stay in the journal, and nobody waits for one. */
    private boolean hideNothing(StoreOp op) {
        counters.noSpace++;
        end(op, IoStatus.NO_SPACE);
        return false;
    }

    /** Whatever can be freed is freed before anybody hears that there is no space. */
    private boolean waitForSpace(StoreOp op) {
        if (op.drainTicket == 0) {
            op.drainTicket = policy.wantDrain();
        } else if (policy.isDrained(op.drainTicket)) {
            counters.noSpace++;
            end(op, IoStatus.NO_SPACE);
        }
        return false;
    }

    private boolean write(StoreOp op) {
        if (homeWrites.mayBypass(op)) {
            if (isLoadingHeader(op)) {
                return true;
            }
            if (op.slot >= 0 && homeWrites.isVoid(op)) {
                return writeHome(op);
            }
        }
        return staging.write(op);
    }

    /** Where there is nothing to be dropped it is a write, of a version per fragment. */
    private boolean replace(StoreOp op) {
        if (homeWrites.mayBypass(op) && HomeWrites.isAllData(op)) {
            if (isLoadingHeader(op)) {
                return true;
            }
            if (op.slot >= 0 && homeWrites.isBlank(op)) {
                return writeHome(op);
            }
        }
        return staging.replace(op);
    }

    private boolean isLoadingHeader(StoreOp op) {
        if (op.slot < 0) {
            int slot = headers.acquire(op.pageId, op);
            if (slot == HeaderCache.WAIT) {
                op.state = StoreOp.State.LOADING_HEADER;
                return true;
            }
            op.slot = slot;
        }
        return false;
    }

    @Override
    public void headerReady(StoreOp op, int slot) {
        op.slot = slot;
        op.state = StoreOp.State.WAITING;
        lineOf(op).addFirst(op);
    }

    /** Others may hold the buffers while they wait for room: what is urgent does without. */
    private boolean writeHome(StoreOp op) {
        if (!homeWrites.takeBuffer(op)) {
            return op.urgent && stageInstead(op);
        }
        if (!homeWrites.fill(op)) {
            counters.rejectedWrites++;
            return end(op, IoStatus.INVALID);
        }
        homeWrites.start(op);
        return true;
    }

    private boolean stageInstead(StoreOp op) {
        return op.request.op == FragmentOp.REPLACE ? staging.replace(op) : staging.write(op);
    }

    @Override
    public void ioDone(StoreOp op, long token, int result) {
        op.iosInFlight--;
        op.state = StoreOp.State.HOME_DURABLE;
        if (result != op.spanBytes) {
            counters.writeErrors++;
            health.fail();
        }
        lineOf(op).addFirst(op);
    }
}

package io.stria.simulator.powercut;

import io.stria.dataplane.device.Associations;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.ChunkStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The way from an owner to a store on another node: commands and answers take their time, in order.
 * Associations are numbered as by a peer's connection. One that is cut ends at once for the owner,
 * and what it had sent may arrive long after, also after what the next connection has sent.
 */
final class WirePort extends StorePort {
    private final CutClock clock;
    private final LongSupplier latencyNs;
    private final LongSupplier associations;

    /** What arrives waits here for {@link #letGo}. */
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();

    private Predicate<FragmentRequest> seen = request -> false;
    private Runnable whenSeen = () -> {};
    private @Nullable Connection current;

    WirePort(CutClock clock, LongSupplier latencyNs, LongSupplier associations) {
        super(associations);
        this.clock = clock;
        this.latencyNs = latencyNs;
        this.associations = associations;
    }

    /** Commands like these of the present connection reach the store when they are let go. */
    void hold(Predicate<FragmentRequest> like) {
        if (current != null) {
            current.holds = like;
        }
    }

    /** They are executed now, in order, whatever has become of their connection. */
    void letGo() {
        hold(request -> false);
        while (!held.isEmpty()) {
            held.remove().run();
        }
    }

    /** Runs once, when the next such command is sent. */
    void onNext(Predicate<FragmentRequest> like, Runnable action) {
        seen = like;
        whenSeen = action;
    }

    @Override
    void connect(ChunkStore to) {
        if (current == null) {
            current = new Connection(to, associations.getAsLong());
        }
    }

    @Override
    void cut() {
        Connection lost = current;
        current = null;
        if (lost != null) {
            List.copyOf(lost.underWay.values()).forEach(this::refuse);
            lost.underWay.clear();
        }
    }

    @Override
    public long connection() {
        return current == null ? 0 : current.number;
    }

    @Override
    public void submit(FragmentRequest request) {
        if (seen.test(request)) {
            Runnable action = whenSeen;
            seen = other -> false;
            action.run();
        }
        Connection now = current;
        if (now == null) {
            refuse(request);
        } else {
            now.send(request);
        }
    }

    /** One after the other; its number tells what came over it from all else. */
    private final class Connection {
        private final ChunkStore store;
        private final long number;
        private final Associations associations;
        private final Map<FragmentRequest, FragmentRequest> underWay = new LinkedHashMap<>();
        private Predicate<FragmentRequest> holds = request -> false;
        private int holding;
        private long lastArrivalNs;
        private long lastAnswerNs;

        Connection(ChunkStore store, long number) {
            this.store = store;
            this.number = number;
            this.associations = new Associations(number);
        }

        void send(FragmentRequest request) {
            FragmentRequest sent = copy(request);
            underWay.put(sent, request);
            lastArrivalNs = Math.max(lastArrivalNs, clock.nowNs() + latencyNs.getAsLong());
            clock.schedule(lastArrivalNs - clock.nowNs(), () -> arrive(sent));
        }

        /** To attach anew is to wait for what came before over the same connection. */
        private void arrive(FragmentRequest sent) {
            boolean waits = sent.op == FragmentOp.ATTACH && holding > 0;
            if (waits || holds.test(sent)) {
                holding++;
                held.add(() -> {
                    holding--;
                    execute(sent);
                });
            } else {
                execute(sent);
            }
        }

        private void execute(FragmentRequest sent) {
            sent.association = associations.of(sent.op, sent.vuid());
            sent.completion =
                    (ended, status, result) -> {
                        lastAnswerNs =
                                Math.max(lastAnswerNs, clock.nowNs() + latencyNs.getAsLong());
                        clock.schedule(
                                lastAnswerNs - clock.nowNs(), () -> answer(sent, status, result));
                    };
            store.submit(sent);
        }

        private void answer(FragmentRequest sent, IoStatus status, long result) {
            FragmentRequest asked = underWay.remove(sent);
            if (asked == null) {
                return; // nobody hears of it any more
            }
            if (!isChange(sent)) {
                MemorySegment.copy(
                        sent.buffer, 0, asked.buffer, asked.bufferOffset, asked.bufferBytes);
            }
            asked.complete(status, result);
        }

        private FragmentRequest copy(FragmentRequest request) {
            FragmentRequest sent = new FragmentRequest();
            sent.op = request.op;
            sent.address = request.address;
            sent.count = request.count;
            sent.fragmentBytes = request.fragmentBytes;
            sent.epoch = request.epoch;
            sent.watermark = request.watermark;
            sent.allInSync = request.allInSync;
            sent.version = request.version;
            sent.bufferBytes = request.bufferBytes;
            if (request.bufferBytes > 0) {
                sent.buffer = Arena.ofAuto().allocate(request.bufferBytes, 64);
                if (isChange(request)) {
                    MemorySegment.copy(
                            request.buffer,
                            request.bufferOffset,
                            sent.buffer,
                            0,
                            request.bufferBytes);
                }
            }
            return sent;
        }

        private static boolean isChange(FragmentRequest request) {
            return request.op != FragmentOp.READ
                    && request.op != FragmentOp.READ_AT
                    && request.op != FragmentOp.LIST;
        }
    }
}

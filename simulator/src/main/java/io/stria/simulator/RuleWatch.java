package io.stria.simulator;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.node.StoreService;
import io.stria.runtime.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks at who acts: the rules of leases and epochs and rule 6 of docs/correctness.md, at every
 * command that a store executes and every owner that begins. What breaks one of them need not lose
 * anything yet, since others stand behind it; here it shows at once.
 */
final class RuleWatch {
    /** Of commands of somebody who is no owner, and asks behind the owner's back. */
    static final long NO_OWNER = Long.MAX_VALUE;

    private final List<SimulatedNode> nodes;
    private final IntPredicate exists;

    /** By VUID, the newest epoch of which an owner has asked any store for anything. */
    private final Map<Integer, Integer> begun = new HashMap<>();

    /**
     * @param exists whether the volume of a VUID is in the newest map
     */
    RuleWatch(List<SimulatedNode> nodes, IntPredicate exists) {
        this.nodes = nodes;
        this.exists = exists;
    }

    /**
     * The store of a process, watched.
     *
     * @param executed hears of each command that ends well, before its submitter does
     */
    StoreService watched(
            int nodeId, StoreService store, Clock clock, Consumer<FragmentRequest> executed) {
        return new Store(nodeId, store, clock, executed);
    }

    /** An owner begins when every node has applied its epoch or is without a lease. */
    private void ownerActs(int vuid, int epoch) {
        if (epoch > begun.getOrDefault(vuid, 0)) {
            begun.put(vuid, epoch);
            for (SimulatedNode node : nodes) {
                NodeProcess process = node.processOrNull();
                if (process != null) {
                    check(process);
                }
            }
        }
    }

    /** Called when the process gets a lease as well: only with the newest map. */
    void check(NodeProcess process) {
        if (process.holdsLease()) {
            begun.forEach((vuid, epoch) -> {
                int applied = process.appliedVolumeEpoch(vuid);
                if (applied < epoch && exists.test(vuid)) {
                    throw new AssertionError(
                            "node %d has a lease and applied volume epoch %d, but an owner acts at %d"
                                    .formatted(process.node().id(), applied, epoch));
                }
            });
        }
    }

    /** What one store has promised for one volume. */
    private static final class Promise {
        /** Older commands have ended, it has said. */
        int epoch;

        /** The only association whose commands it executes; 0: none has attached. */
        long association;

        /** The volume epoch at which that one has attached. */
        int associationEpoch;

        /** By volume epoch, commands that have not ended. */
        final Map<Integer, Integer> underWay = new TreeMap<>();

        /** An owner of the epoch before is to be refused: it is tried. */
        boolean isToBeTried;
    }

    private final class Store implements StoreService {
        private final int nodeId;
        private final StoreService store;
        private final Clock clock;
        private final Consumer<FragmentRequest> watch;
        private final Map<Integer, Promise> promises = new HashMap<>();
        private long leaseUntilNs;

        /** Of some volume, see {@link Promise#isToBeTried}. */
        private boolean isAnyToBeTried;

        Store(int nodeId, StoreService store, Clock clock, Consumer<FragmentRequest> watch) {
            this.nodeId = nodeId;
            this.store = store;
            this.clock = clock;
            this.watch = watch;
        }

        private Promise promise(int vuid) {
            return promises.computeIfAbsent(vuid, _ -> new Promise());
        }

        @Override
        public void submit(FragmentRequest request) {
            if (request.op == FragmentOp.ATTACH && request.association != NO_OWNER) {
                ownerActs(request.vuid(), request.epoch);
            }
            boolean leased = leaseUntilNs != 0 && leaseUntilNs - clock.nowNs() > 0;
            long association = request.association;
            Map<Integer, Integer> underWay = promise(request.vuid()).underWay;
            underWay.merge(request.epoch, 1, Integer::sum);
            FragmentRequest.Completion completion = request.completion;
            request.completion =
                    (ended, status, result) -> {
                        ended.completion = completion;
                        underWay.merge(ended.epoch, -1, Integer::sum);
                        if (status == IoStatus.OK) {
                            executed(ended, leased, association);
                            watch.accept(ended);
                        }
                        completion.complete(ended, status, result);
                    };
            store.submit(request);
        }

        private void executed(FragmentRequest request, boolean leased, long association) {
            Promise promise = promise(request.vuid());
            if (!leased) {
                throw broken(request, "though it came after the node's lease had ended");
            }
            if (request.epoch < promise.epoch) {
                throw broken(request, "though it says that it has applied " + promise.epoch);
            }
            if (request.op == FragmentOp.ATTACH) {
                if (request.epoch == promise.associationEpoch
                        && association < promise.association) {
                    throw broken(
                            request,
                            "of association %d, though %d has attached before"
                                    .formatted(association, promise.association));
                }
                promise.epoch = request.epoch;
                promise.association = association;
                promise.associationEpoch = request.epoch;
            } else if (association != promise.association) {
                throw broken(
                        request,
                        "of association %d, though %d has attached since"
                                .formatted(association, promise.association));
            }
        }

        private AssertionError broken(FragmentRequest request, String how) {
            return new AssertionError(
                    "a store of node %d executes %s of volume epoch %d, %s"
                            .formatted(nodeId, request.op, request.epoch, how));
        }

        @Override
        public void onVolumeEpoch(int vuid, int epoch, Runnable applied) {
            store.onVolumeEpoch(
                    vuid,
                    epoch,
                    () -> {
                        Promise promise = promise(vuid);
                        promise.epoch = Math.max(promise.epoch, epoch);
                        promise.isToBeTried = promise.association != 0;
                        isAnyToBeTried |= promise.isToBeTried;
                        checkEnded(promise, epoch);
                        applied.run();
                    });
        }

        private void checkEnded(Promise promise, int epoch) {
            promise.underWay.forEach((older, count) -> {
                if (older < epoch && count > 0) {
                    throw new AssertionError(
                            "a store of node %d has applied volume epoch %d, and %d commands of %d"
                                            .formatted(nodeId, epoch, count, older)
                                    + " have not ended");
                }
            });
            promise.underWay.values().removeIf(count -> count == 0);
        }

        /** Asks as the owner before would that has not heard of the new epoch yet. */
        private void tryAsOlderOwner(int vuid, Promise promise) {
            FragmentRequest request = new FragmentRequest();
            request.op = FragmentOp.COMMIT;
            request.address = DeviceAddress.of(vuid, 0);
            request.fragmentBytes = BlockDevice.BLOCK_BYTES;
            request.epoch = promise.epoch - 1;
            request.association = promise.association;
            request.completion = (ended, status, result) -> {};
            submit(request);
        }

        @Override
        public void leaseUntil(long deadlineNs) {
            leaseUntilNs = deadlineNs;
            store.leaseUntil(deadlineNs);
        }

        @Override
        public @Nullable String failure() {
            return store.failure();
        }

        @Override
        public boolean isIdle() {
            return store.isIdle();
        }

        @Override
        public void retainVolumes(IntPredicate exists) {
            store.retainVolumes(exists);
        }

        @Override
        public int poll(long nowNs) {
            if (isAnyToBeTried) {
                isAnyToBeTried = false;
                promises.forEach((vuid, promise) -> {
                    if (promise.isToBeTried) {
                        promise.isToBeTried = false;
                        tryAsOlderOwner(vuid, promise);
                    }
                });
            }
            return store.poll(nowNs);
        }
    }
}

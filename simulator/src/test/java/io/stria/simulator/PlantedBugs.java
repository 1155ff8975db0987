package io.stria.simulator;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.lease.LeaseSink;
import io.stria.control.lease.MapSink;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.node.StoreService;
import io.stria.dataplane.volume.MapProposals;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Parts that break their promise: the simulation has to notice. */
final class PlantedBugs {
    private PlantedBugs() {}

    /** Answers changes before they are durable; what its process has not passed on is lost. */
    static Seams storesThatAnswerTooEarly() {
        return new Seams() {
            @Override
            public StoreService store(int nodeId, UUID deviceId, StoreService store) {
                return new EarlyStore(store);
            }
        };
    }

    /** Now and then answers a write and does nothing. */
    static Seams storesThatForgetWrites() {
        return new Seams() {
            @Override
            public StoreService store(int nodeId, UUID deviceId, StoreService store) {
                return new ForgetfulStore(store);
            }
        };
    }

    /** Now and then says of a fragment that it reads well that it is bad. */
    static Seams storesThatCallGoodFragmentsBad() {
        return new Seams() {
            @Override
            public StoreService store(int nodeId, UUID deviceId, StoreService store) {
                return new DoubtingStore(store);
            }
        };
    }

    /** Says that there is nothing above any watermark. */
    static Seams storesThatListNothing() {
        return new Seams() {
            @Override
            public StoreService store(int nodeId, UUID deviceId, StoreService store) {
                return new SecretiveStore(store);
            }
        };
    }

    /** A lease holds for ever. */
    static Seams leasesThatNeverEnd() {
        return new Seams() {
            @Override
            public LeaseSink leases(int nodeId, LeaseSink leases) {
                return deadlineNs -> {
                    if (deadlineNs != 0) {
                        leases.leaseUntil(Long.MAX_VALUE / 2);
                    }
                };
            }
        };
    }

    /** Marks are not decided: the owner is told so nevertheless, and nobody else. */
    static Seams marksThatNobodyDecided() {
        Map<Integer, PretendedMarks> nodes = new HashMap<>();
        return new Seams() {
            @Override
            public MapSink maps(int nodeId, MapSink maps) {
                PretendedMarks pretended =
                        nodes.computeIfAbsent(nodeId, id -> new PretendedMarks());
                pretended.begin(maps);
                return pretended;
            }

            @Override
            public MapProposals proposals(int nodeId, MapProposals proposals) {
                PretendedMarks pretended =
                        nodes.computeIfAbsent(nodeId, id -> new PretendedMarks());
                return pretended.proposals(proposals);
            }
        };
    }

    /** Passes everything on. */
    private abstract static class Wrapper implements StoreService {
        final StoreService store;

        Wrapper(StoreService store) {
            this.store = store;
        }

        @Override
        public void submit(FragmentRequest request) {
            store.submit(request);
        }

        @Override
        public void onVolumeEpoch(int vuid, int epoch, Runnable applied) {
            store.onVolumeEpoch(vuid, epoch, applied);
        }

        @Override
        public void leaseUntil(long deadlineNs) {
            store.leaseUntil(deadlineNs);
        }

        @Override
        public void retainVolumes(IntPredicate exists) {
            store.retainVolumes(exists);
        }

        @Override
        public @Nullable String failure() {
            return store.failure();
        }

        @Override
        public boolean isIdle() {
            return false;
        }

        @Override
        public int poll(long nowNs) {
            return store.poll(nowNs);
        }

        static boolean changes(FragmentOp op) {
            return op == FragmentOp.WRITE || op == FragmentOp.UNMAP;
        }
    }

    private static final class EarlyStore extends Wrapper {
        private static final long LATE_NS = 100_000_000L;

        private record Late(FragmentRequest request, long dueNs) {}

        private final ArrayDeque<Late> late = new ArrayDeque<>();
        private final ArrayDeque<FragmentRequest> answers = new ArrayDeque<>();
        private final ArrayDeque<FragmentRequest> behind = new ArrayDeque<>();
        private long nowNs;
        private int underWay;

        EarlyStore(StoreService store) {
            super(store);
        }

        @Override
        public void submit(FragmentRequest request) {
            if (changes(request.op)) {
                late.add(new Late(copy(request), nowNs + LATE_NS));
                answers.add(request);
            } else {
                behind.add(request); // sees what was answered before
            }
        }

        private FragmentRequest copy(FragmentRequest request) {
            FragmentRequest copy = new FragmentRequest();
            copy.op = request.op;
            copy.address = request.address;
            copy.count = request.count;
            copy.fragmentBytes = request.fragmentBytes;
            copy.epoch = request.epoch;
            copy.watermark = request.watermark;
            copy.version = request.version;
            copy.association = request.association;
            if (request.bufferBytes > 0) {
                copy.buffer = Arena.ofAuto().allocate(request.bufferBytes, 64);
                copy.bufferBytes = request.bufferBytes;
                MemorySegment.copy(
                        request.buffer, request.bufferOffset, copy.buffer, 0, request.bufferBytes);
            }
            copy.completion = (passed, status, result) -> underWay--;
            return copy;
        }

        @Override
        public int poll(long now) {
            nowNs = now;
            int work = answers.size();
            for (int i = 0; i < work; i++) {
                answers.remove().complete(IoStatus.OK, 0);
            }
            while (!late.isEmpty() && (!behind.isEmpty() || late.element().dueNs() <= now)) {
                underWay++;
                store.submit(late.remove().request());
                work++;
            }
            while (underWay == 0 && late.isEmpty() && !behind.isEmpty()) {
                store.submit(behind.remove());
                work++;
            }
            return work + store.poll(now);
        }
    }

    private static final class ForgetfulStore extends Wrapper {
        private static final int ONE_IN = 200;

        private final ArrayDeque<FragmentRequest> answers = new ArrayDeque<>();
        private int writes;

        ForgetfulStore(StoreService store) {
            super(store);
        }

        @Override
        public void submit(FragmentRequest request) {
            if (request.op == FragmentOp.WRITE && ++writes % ONE_IN == 0) {
                answers.add(request);
            } else {
                store.submit(request);
            }
        }

        @Override
        public int poll(long nowNs) {
            int work = answers.size();
            for (int i = 0; i < work; i++) {
                answers.remove().complete(IoStatus.OK, 0);
            }
            return work + store.poll(nowNs);
        }
    }

    private static final class DoubtingStore extends Wrapper {
        private static final int ONE_IN = 20;

        private int reads;

        DoubtingStore(StoreService store) {
            super(store);
        }

        @Override
        public void submit(FragmentRequest request) {
            boolean ofOwner = request.association != RuleWatch.NO_OWNER;
            if (ofOwner && request.op == FragmentOp.READ && ++reads % ONE_IN == 0) {
                FragmentRequest.Completion completion = request.completion;
                request.completion =
                        (read, status, result) -> {
                            read.completion = completion;
                            if (status == IoStatus.OK) {
                                doubt(read);
                            }
                            read.complete(status, result);
                        };
            }
            store.submit(request);
        }

        private static void doubt(FragmentRequest read) {
            long metadata = read.bufferOffset + read.fragmentBytes;
            if (FragmentFormat.flags(read.buffer, metadata) == 0) {
                FragmentFormat.putMetadata(
                        read.buffer,
                        metadata,
                        FragmentFormat.version(read.buffer, metadata),
                        FragmentFormat.crc(read.buffer, metadata),
                        FragmentFormat.BAD);
            }
        }
    }

    private static final class SecretiveStore extends Wrapper {
        SecretiveStore(StoreService store) {
            super(store);
        }

        @Override
        public void submit(FragmentRequest request) {
            if (request.op == FragmentOp.LIST) {
                FragmentRequest.Completion completion = request.completion;
                request.completion =
                        (listed, status, result) -> {
                            listed.completion = completion;
                            listed.complete(status, 0);
                        };
            }
            store.submit(request);
        }
    }

    /** One node's data plane hears of marks that exist nowhere else. */
    private static final class PretendedMarks implements MapSink {
        private final SortedMap<Integer, Long> marks = new TreeMap<>();
        private @Nullable MapSink maps;
        private @Nullable ClusterMap newest;

        void begin(MapSink ofProcess) {
            maps = ofProcess;
            newest = null;
            marks.clear();
        }

        @Override
        public void apply(ClusterMap map, Runnable applied) {
            newest = map;
            maps.apply(withMarks(map), applied);
        }

        @Override
        public void inForce(long epoch) {
            maps.inForce(epoch);
        }

        private ClusterMap withMarks(ClusterMap map) {
            return new ClusterMap(
                    map.clusterId(),
                    map.epoch(),
                    map.pageShift(),
                    map.nodes(),
                    map.slots(),
                    map.volumes().stream().map(this::withMarks).toList());
        }

        private VolumeEntry withMarks(VolumeEntry volume) {
            SortedMap<Integer, Long> behind = new TreeMap<>(marks);
            behind.putAll(volume.behind());
            return volume.withBehind(behind);
        }

        MapProposals proposals(MapProposals real) {
            return new MapProposals() {
                @Override
                public void markBehind(int vuid, int epoch, int slot, String reason) {
                    if (newest != null && marks.size() < 2 && !marks.containsKey(slot)) {
                        marks.put(slot, newest.epoch());
                        maps.apply(withMarks(newest), () -> {});
                    }
                }

                @Override
                public void markInSync(int vuid, int epoch, int slot, long markEpoch) {
                    if (marks.remove(slot) == null) {
                        real.markInSync(vuid, epoch, slot, markEpoch);
                    } else if (newest != null) {
                        maps.apply(withMarks(newest), () -> {});
                    }
                }

                @Override
                public void movePages(
                        int vuid,
                        int epoch,
                        long since,
                        long from,
                        long to,
                        SortedSet<Integer> without) {
                    real.movePages(vuid, epoch, since, from, to, without);
                }

                @Override
                public void deviceDown(UUID deviceId, String reason) {
                    real.deviceDown(deviceId, reason);
                }

                @Override
                public void cutOff(int vuid, int epoch) {
                    real.cutOff(vuid, epoch);
                }

                @Override
                public void takeVolume(int vuid, int epoch) {
                    real.takeVolume(vuid, epoch);
                }

                @Override
                public void serving(int vuid, int epoch) {
                    real.serving(vuid, epoch);
                }
            };
        }
    }
}

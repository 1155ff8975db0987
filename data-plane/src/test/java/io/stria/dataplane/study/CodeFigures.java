package io.stria.dataplane.study;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import io.stria.placement.Placement;
import io.stria.rdp.ErasurePattern;
import io.stria.rdp.RdpCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;

/** What coding, placement and PDUs cost beside a copy of 4 KiB, all of it in cache. */
final class CodeFigures {
    private static final int BLOCK_BYTES = 4096;
    private static final int NODES = 10;
    private static final int ROUNDS = 4;
    private static final int CALLS = 256;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment memory = arena.allocate(1 << 16, BLOCK_BYTES);
    private final Samples samples = new Samples(300, CALLS);
    private final Placement placement = Placement.of(map());
    private final int[] slots = new int[4];
    private final MemorySegment capsule = capsule();
    private final PduReader reader =
            new PduReader(arena, new PduLimits(true, 8192, 1 << 20, 4), new Nobody());
    private long page;

    private static final class Nobody implements PduReader.Handler {
        @Override
        public boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes) {
            return true;
        }

        @Override
        public void onData(MemorySegment source, long offset, int length) {}

        @Override
        public void onEnd(boolean dataIntact) {}
    }

    /** The compiler sees everything, as in a node that has run for a while. */
    CodeFigures() {
        for (int round = 0; round < ROUNDS; round++) {
            for (int n = 1; n <= 8; n *= 2) {
                encode(n);
                decode(n);
            }
            placement();
            pdu();
        }
    }

    private long copy() {
        MemorySegment.copy(memory, 0, memory, BLOCK_BYTES, BLOCK_BYTES);
        return 1;
    }

    private double besideACopy(LongSupplier what) {
        return samples.ratio(what, this::copy);
    }

    double encode(int n) {
        RdpCode code = RdpCode.of(n);
        long parity = BLOCK_BYTES;
        return besideACopy(() -> {
            code.encode(memory, 0, memory, parity, memory, parity + code.fragmentBytes());
            return 1;
        });
    }

    /** With the two losses that take longest. */
    double decode(int n) {
        RdpCode code = RdpCode.of(n);
        Samples few = new Samples(40, CALLS);
        double worst = 0;
        for (int mask = 0; mask < 1 << code.fragments(); mask++) {
            if (Integer.bitCount(mask) == 2) {
                ErasurePattern erased = ErasurePattern.ofMask(mask);
                LongSupplier decode =
                        () -> {
                            code.decode(memory, 0, erased);
                            return 1;
                        };
                worst = Math.max(worst, few.ratio(decode, this::copy));
            }
        }
        return worst;
    }

    /** Of a page that was not asked for before, in a cluster of twenty devices. */
    double placement() {
        Scheme scheme = new Scheme(2);
        return besideACopy(() -> placement.primary(7, page++, scheme, slots));
    }

    /** The capsule of a read, as a target finds it. */
    double pdu() {
        return besideACopy(() -> reader.read(capsule, 0, CapsuleCmd.BYTES));
    }

    private MemorySegment capsule() {
        MemorySegment pdu = arena.allocate(CapsuleCmd.BYTES, 8);
        CapsuleCmd.writeHeader(pdu, 0);
        SubmissionEntry.write(pdu, CapsuleCmd.SQE, IoOpcode.READ, 1, 1);
        SubmissionEntry.putLbas(pdu, CapsuleCmd.SQE, 7, 1);
        SglDescriptor.write(
                pdu, CapsuleCmd.SQE + SubmissionEntry.SGL, SglDescriptor.ID_TRANSPORT, BLOCK_BYTES);
        PduHeader.frame(pdu, 0, 0, 4, false, false);
        return pdu;
    }

    private static ClusterMap map() {
        List<NodeEntry> nodes = new ArrayList<>();
        List<DeviceSlot> list = new ArrayList<>();
        for (int id = 1; id <= NODES; id++) {
            nodes.add(new NodeEntry(id, "10.0.0.1", 1, 2, 3, "", "", false, NodeState.ONLINE, 1));
            for (int i = 0; i < 2; i++) {
                int slot = list.size();
                list.add(
                        new DeviceSlot(
                                slot, new UUID(1, slot), id, 1L << 40, 1024, DeviceState.ONLINE));
            }
        }
        return new ClusterMap(new UUID(0, 1), 1, 8, nodes, list, List.of());
    }
}

package io.stria.runtime.spdk;

import io.stria.runtime.Memory;
import io.stria.runtime.ffm.spdk.SpdkEnvironment;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Memory that devices reach, from SPDK's allocator: for a {@link Memory} and the buffer pools on
 * it. The environment must have been started. Any thread may call it; who asks while others
 * allocate may not hear of their pieces.
 */
public final class SpdkDma implements Memory.Source {
    private final List<MemorySegment> pieces = new ArrayList<>();
    private volatile Edges edges = new Edges(new long[0], new long[0]);

    @Override
    public synchronized MemorySegment map(long bytes) {
        MemorySegment piece = SpdkEnvironment.allocate(bytes);
        pieces.add(piece);
        edges = Edges.of(pieces);
        return piece;
    }

    @Override
    public synchronized void unmap(MemorySegment piece) {
        boolean known = pieces.removeIf(other -> other.address() == piece.address());
        assert known : "not a piece of this memory: " + piece;
        edges = Edges.of(pieces);
        SpdkEnvironment.free(piece);
    }

    /** Whether all of it lies in one piece. */
    boolean reaches(long address, long bytes) {
        return edges.hold(address, bytes);
    }

    /** Where pieces begin, in ascending order, and where the same ones end. */
    private record Edges(long[] begins, long[] ends) {
        static Edges of(List<MemorySegment> pieces) {
            List<MemorySegment> sorted = new ArrayList<>(pieces);
            sorted.sort(Comparator.comparingLong(MemorySegment::address));
            long[] begins = sorted.stream().mapToLong(MemorySegment::address).toArray();
            long[] ends = sorted.stream().mapToLong(p -> p.address() + p.byteSize()).toArray();
            return new Edges(begins, ends);
        }

        boolean hold(long address, long bytes) {
            int found = Arrays.binarySearch(begins, address);
            int piece = found >= 0 ? found : -found - 2;
            return piece >= 0 && bytes <= ends[piece] - address;
        }
    }
}

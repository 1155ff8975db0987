package io.stria.runtime;

import io.stria.runtime.ffm.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Off-heap memory, each piece under a tag that says what it is for, so that what was not given back
 * can be named. Meant for pieces of a page and more that are made at start: each is a mapping of
 * its own, aligned to {@link #ALIGNMENT_BYTES}, zeroed, and takes room only where it is touched.
 *
 * <p>Any thread may call it. A segment must not be used after it was freed.
 */
public final class Memory {
    public static final int ALIGNMENT_BYTES = Linux.PAGE_BYTES;

    private static final Uncollected UNCOLLECTED = new Uncollected();

    /** Where pieces come from: zeroed, and aligned to {@link #ALIGNMENT_BYTES}. */
    public interface Source {
        MemorySegment map(long bytes);

        /** Gives back what {@link #map} returned. */
        void unmap(MemorySegment mapped);
    }

    private final Map<Long, Piece> pieces = new ConcurrentHashMap<>();
    private final Source source;

    /** Mappings of its own. */
    public Memory() {
        this(
                new Source() {
                    @Override
                    public MemorySegment map(long bytes) {
                        return Linux.map(bytes);
                    }

                    @Override
                    public void unmap(MemorySegment mapped) {
                        Linux.unmap(mapped);
                    }
                });
    }

    public Memory(Source source) {
        this.source = source;
    }

    public MemorySegment allocate(String tag, long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(tag + " asks for " + bytes + " bytes");
        }
        MemorySegment segment = source.map(bytes);
        pieces.put(segment.address(), new Piece(tag, segment));
        return segment;
    }

    /**
     * Zeroed, page-aligned memory until the arena closes. Where it is large it takes room only
     * where it is touched, and its addresses are looked up by large pages.
     */
    public static MemorySegment within(Arena arena, long bytes) {
        return bytes < Linux.LARGE_PAGE_BYTES
                ? arena.allocate(bytes, ALIGNMENT_BYTES)
                : Linux.mapLarge(arena, bytes);
    }

    /**
     * Zeroed memory that takes room only where it is touched, and lives as long as anything refers
     * to it: for buffers of pooled operations, of which most use a small part. It does not count as
     * the JVM's direct memory, which takes room as a whole.
     */
    public static MemorySegment untilCollected(long bytes) {
        if (UNCOLLECTED.begin(bytes)) {
            Thread.ofPlatform().name("collect").daemon().start(System::gc);
        }
        return Linux.mapUntilCollected(bytes, () -> UNCOLLECTED.end(bytes));
    }

    /** Of {@link #untilCollected}, in this process. */
    static long bytesUntilCollected() {
        return UNCOLLECTED.bytes();
    }

    /** Gives back what {@link #allocate} returned; anything else is a broken invariant. */
    public void free(MemorySegment segment) {
        Piece piece = pieces.remove(segment.address());
        assert piece != null && piece.segment.byteSize() == segment.byteSize()
                : "not a piece of this memory, or freed before: " + segment;
        source.unmap(segment);
    }

    /** Bytes not given back, by tag; tags without any are left out. */
    public Map<String, Long> outstandingBytes() {
        Map<String, Long> bytesByTag = new TreeMap<>();
        pieces.values()
                .forEach(piece -> bytesByTag.merge(piece.tag, piece.segment.byteSize(), Long::sum));
        return bytesByTag;
    }

    private record Piece(String tag, MemorySegment segment) {}
}

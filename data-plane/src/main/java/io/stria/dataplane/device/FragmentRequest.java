package io.stria.dataplane.device;

import java.lang.foreign.MemorySegment;

/**
 * One command of an owner to a chunk store, local or remote. Reused; the submitter owns it before
 * submit and after the completion.
 *
 * <ul>
 *   <li>{@code address}: device-level address in units of 512 bytes: VUID &lt;&lt; 39 | vLBA, of
 *       the first fragment
 *   <li>{@code count}: fragments, consecutive within one chunk
 *   <li>{@code groups}: of a LIST what is asked for: bit i stands for {@code count} chunks, from
 *       the (i x {@code count})-th on from that of the address; 0: for all chunks from there on
 *   <li>{@code fragmentBytes}: 512, 1024, 2048 or 4096
 *   <li>{@code epoch}: the volume's epoch; {@code watermark}: committed watermark; {@code version}:
 *       see {@link FragmentOp}
 *   <li>{@code allInSync}: no location of the volume is behind, so a store may forget tombstones at
 *       or below the watermark. A location that is behind could hold what they unmapped: then they
 *       must stay, or nobody could tell it.
 *   <li>{@code dropsOthers}: of an UNMAP: every other version is dropped, newer ones too, as by
 *       REPLACE. Nobody may need them.
 *   <li>{@code buffer}: layout of {@link FragmentFormat}; native memory
 *   <li>{@code direct}: of a READ, memory for the data alone, fragment i at {@code directOffset} +
 *       i x {@code directStride}; empty: none. A store on the same reactor that has checked a
 *       fragment may put its data there in place of the buffer, and says so by bit i of {@code
 *       directDone}; the metadata is in the buffer all the same. The submitter may take the memory
 *       back at any time by making it empty.
 * </ul>
 */
public final class FragmentRequest {
    /** Chunks that a bit of {@code groups} may stand for. */
    public static final int GROUP_CHUNKS_MAX = 16;

    /** Hears the end, exactly once, on the reactor's thread; never from within submit. */
    public interface Completion {
        /**
         * @param result what the op's documentation says; 0 where it says nothing
         */
        void complete(FragmentRequest request, IoStatus status, long result);
    }

    public FragmentOp op = FragmentOp.READ;
    public long address;
    public int count;
    public long groups;
    public int fragmentBytes;
    public int epoch;
    public long watermark;
    public boolean allInSync;
    public boolean dropsOthers;
    public long version;
    public MemorySegment buffer = MemorySegment.NULL;
    public long bufferOffset;
    public int bufferBytes;
    public MemorySegment direct = MemorySegment.NULL;
    public long directOffset;
    public int directStride;
    public int directDone;
    public Completion completion = (request, status, result) -> {};

    /**
     * Which association sent it: set by the transport, another one for each ATTACH, never by the
     * wire. Of two of one volume epoch that with the higher number is the newer one.
     */
    public long association;

    /** The submitter's own mark; no store looks at it. */
    public int tag;

    /** When the submitter sent it; its own too. */
    public long sentNs;

    public int vuid() {
        return (int) (address >>> DeviceAddress.VUID_SHIFT);
    }

    public void complete(IoStatus status, long result) {
        completion.complete(this, status, result);
    }
}

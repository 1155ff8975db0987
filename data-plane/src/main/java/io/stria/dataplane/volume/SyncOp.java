package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Makes the fragments of consecutive blocks in one chunk equal to the truth: reads the blocks from
 * the other locations and sets what this one must hold by REPLACE, absence included. Used to catch
 * up and to repair.
 */
final class SyncOp extends StripeOp implements StripeReader.Listener, FragmentRequest.Completion {
    /** Hears of the end. */
    interface Listener {
        /**
         * {@code OK}; {@code UNAVAILABLE}: try again later; {@code MEDIA_ERROR}: a block is lost;
         * else the link failed.
         */
        void onSynced(SyncOp op, IoStatus status);
    }

    private final VolumeOwner owner;
    private final StripeLayout layout;
    private final StripeReader reader;
    private final FragmentRequest request = new FragmentRequest();
    private final MemorySegment data;
    private final MemorySegment payload;
    private Listener listener = (op, status) -> {};
    private int chunk;

    SyncOp(VolumeOwner owner) {
        super(owner.layout());
        this.owner = owner;
        this.layout = owner.layout();
        this.reader = new StripeReader(owner, this);
        this.data = Arena.ofAuto().allocate((long) BLOCKS_MAX * BlockDevice.BLOCK_BYTES, 64);
        this.payload =
                Arena.ofAuto()
                        .allocate(
                                (long) BLOCKS_MAX * FragmentFormat.stride(layout.fragmentBytes()),
                                64);
    }

    /** The range is set; {@code ofChunk} is the chunk whose location is made equal. */
    void sync(int ofChunk, Listener whenSynced) {
        chunk = ofChunk;
        listener = whenSynced;
        owner.locks().acquire(this);
    }

    @Override
    boolean exclusive() {
        return true;
    }

    @Override
    void onLocked() {
        reader.read(1 << chunk, data, 0, this);
    }

    @Override
    public void onRead(StripeReader from) {
        int stride = FragmentFormat.stride(layout.fragmentBytes());
        for (int i = 0; i < blocks; i++) {
            long metadata = (long) i * stride + layout.fragmentBytes();
            switch (reader.verdict(i)) {
                case DATA ->
                        owner.codec()
                                .encodeOne(
                                        data,
                                        (long) i * BlockDevice.BLOCK_BYTES,
                                        chunk,
                                        payload,
                                        (long) i * stride,
                                        reader.version(i));
                case EMPTY ->
                        FragmentFormat.putMetadata(
                                payload,
                                metadata,
                                reader.version(i),
                                0,
                                reader.version(i) == Version.NONE
                                        ? FragmentFormat.ABSENT
                                        : FragmentFormat.TOMBSTONE);
                case TOO_FEW_ANSWERS, LOST -> {
                    end(
                            reader.verdict(i) == StripeReader.Verdict.LOST
                                    ? IoStatus.MEDIA_ERROR
                                    : IoStatus.UNAVAILABLE);
                    return;
                }
            }
        }
        replace(stride);
    }

    private void replace(int stride) {
        StoreLink link = owner.link(slots[chunk]);
        if (!link.isAttached()) {
            end(IoStatus.DISCONNECTED);
            return;
        }
        request.op = FragmentOp.REPLACE;
        request.address = layout.address(page, chunk, index);
        request.count = blocks;
        request.fragmentBytes = layout.fragmentBytes();
        request.version = 0;
        request.buffer = payload;
        request.bufferOffset = 0;
        request.bufferBytes = blocks * stride;
        request.completion = this;
        link.submit(request);
    }

    @Override
    public void complete(FragmentRequest completed, IoStatus status, long result) {
        owner.link(slots[chunk]).answered(status);
        end(status);
    }

    private void end(IoStatus status) {
        owner.locks().release(this);
        listener.onSynced(this, status);
    }
}

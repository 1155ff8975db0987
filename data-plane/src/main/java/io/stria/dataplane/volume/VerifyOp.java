package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Reads all n+2 fragments of consecutive blocks of one page, and says which of them are wrong. */
final class VerifyOp extends StripeOp implements StripeReader.Listener {
    /** Hears of the end. */
    interface Listener {
        void onVerified(VerifyOp op, long tookNs);
    }

    private final VolumeOwner owner;
    private final StripeReader reader;
    private final MemorySegment data;
    private final MemorySegment fragment;
    private final int[] wrong = new int[BLOCKS_MAX];
    private Listener listener = (op, tookNs) -> {};
    private long beganNs;

    VerifyOp(VolumeOwner owner) {
        super(owner.layout());
        this.owner = owner;
        this.reader = new StripeReader(owner, this);
        this.data = Arena.ofAuto().allocate((long) BLOCKS_MAX * BlockDevice.BLOCK_BYTES, 64);
        this.fragment =
                Arena.ofAuto().allocate(FragmentFormat.stride(owner.layout().fragmentBytes()), 64);
    }

    /** The range is set. */
    void verify(Listener whenVerified) {
        listener = whenVerified;
        owner.locks().acquire(this);
    }

    /** Nothing of it is in flight: it may be used again. */
    boolean isIdle() {
        return reader.isIdle();
    }

    /** Chunks, as bits, whose fragment of the i-th block is to be made equal to the rest. */
    int wrong(int i) {
        return wrong[i];
    }

    /** Those of them that their stores took for good. */
    int silentlyWrong(int i) {
        return wrong[i] & ~reader.found().toldBad(i);
    }

    boolean isLost(int i) {
        return reader.found().verdict(i) == StripeFindings.Verdict.LOST;
    }

    List<Integer> slotsOf(int chunks) {
        List<Integer> of = new ArrayList<>();
        for (int chunk = 0; chunk < slots.length; chunk++) {
            if ((chunks & 1 << chunk) != 0) {
                of.add(slots[chunk]);
            }
        }
        return of;
    }

    @Override
    boolean exclusive() {
        return false;
    }

    @Override
    void onLocked() {
        beganNs = owner.nowNs();
        reader.readThoroughly(data, this);
    }

    @Override
    public void onRead(StripeReader from) {
        for (int i = 0; i < blocks; i++) {
            wrong[i] =
                    switch (reader.found().verdict(i)) {
                        case DATA -> reader.found().suspects(i) | wrongParity(i);
                        case EMPTY -> reader.found().suspects(i);
                        case LOST, TOO_FEW_ANSWERS -> 0;
                    };
        }
        owner.locks().release(this);
        listener.onVerified(this, owner.nowNs() - beganNs);
    }

    /** Parity that is whole and of the right version, and still not that of the data. */
    private int wrongParity(int i) {
        int wrongOnes = 0;
        for (int chunk = owner.layout().dataFragments(); chunk < slots.length; chunk++) {
            if (reader.isAnswered(chunk) && (reader.found().suspects(i) & 1 << chunk) == 0) {
                owner.codec()
                        .encodeOne(
                                data,
                                (long) i * BlockDevice.BLOCK_BYTES,
                                chunk,
                                fragment,
                                0,
                                reader.found().version(i));
                int right = FragmentFormat.crc(fragment, owner.layout().fragmentBytes());
                if (right != reader.found().crc(chunk, i)) {
                    wrongOnes |= 1 << chunk;
                }
            }
        }
        return wrongOnes;
    }

    @Override
    void onLinksChanged() {
        reader.onLinksChanged();
    }
}

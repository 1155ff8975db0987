package io.stria.dataplane.peer;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;

/**
 * When the other side of a connection has last said something, and the question that it is asked
 * where there is nothing else to say.
 */
final class KeepAlive {
    /** Where nothing else is asked, a store takes no time to refuse something. */
    private static final long ANSWER_NS = 1_000_000_000L;

    private final FragmentRequest question = new FragmentRequest();

    /** Something has come since the last poll, which says when. */
    private boolean heard;

    private long heardNs;

    /** The question has been asked and not been answered. */
    private boolean asked;

    /** Something has come. */
    void onData() {
        heard = true;
    }

    void poll(long nowNs) {
        if (heard) {
            heard = false;
            heardNs = nowNs;
        }
    }

    boolean hasHeard(long nowNs, long withinNs) {
        return heard || nowNs - heardNs <= withinNs;
    }

    boolean isAsked() {
        return asked;
    }

    /**
     * What is to be asked: of an epoch at which nobody attaches, so it is refused at once, and
     * changes nothing.
     */
    FragmentRequest ask(int vuid, long nowNs) {
        question.op = FragmentOp.COMMIT;
        question.address = DeviceAddress.of(vuid, 0);
        question.fragmentBytes = BlockDevice.BLOCK_BYTES;
        question.sentNs = nowNs;
        question.completion = (_, _, _) -> asked = false;
        asked = true;
        return question;
    }

    /** It was asked so long ago that there should be an answer, if there was nothing else to do. */
    boolean isLate(long nowNs) {
        return asked && nowNs - question.sentNs > ANSWER_NS;
    }
}

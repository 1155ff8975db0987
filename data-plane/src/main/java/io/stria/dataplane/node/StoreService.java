package io.stria.dataplane.node;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.runtime.Poller;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** A local chunk store as its node drives it. Owned by one reactor. */
public interface StoreService extends Poller {
    void submit(FragmentRequest request);

    /**
     * Commands of older epochs of the volume are refused from now on.
     *
     * @param applied runs, from a later poll, when those accepted before are durable or dropped
     */
    void onVolumeEpoch(int vuid, int epoch, Runnable applied);

    /**
     * The node's lease; 0: it has none. Every command that comes after its end is refused with
     * NOT_SERVING, also when the node has stood still and does not know yet.
     */
    void leaseUntil(long deadlineNs);

    /**
     * Why the device counts as failed, as the end of a sentence about it: then nothing is changed
     * any more. Null while it works.
     */
    @Nullable String failure();

    /** Nothing is under way: a poll does nothing until something arrives or a timer is due. */
    boolean isIdle();

    /** Drops every fragment of address spaces that are no more; in the background. */
    void retainVolumes(IntPredicate exists);
}

package io.stria.dataplane.volume;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoStatus;

/**
 * One owner's association with one store: made by an ATTACH over the connection that there is, and
 * ended with it. One ATTACH at a time is in flight, and after an association there may be a rest.
 */
final class Association implements FragmentRequest.Completion {
    private enum State {
        DETACHED,
        ATTACHING,
        ATTACHED
    }

    /** Hears how an ATTACH ended, unless the association was ended meanwhile. */
    interface Listener {
        /**
         * @param result what the store has as committed watermark, or that it is forgetful
         */
        void onAttached(long result);

        void onRefused(IoStatus status);
    }

    private final FragmentStore store;
    private final Listener listener;
    private final FragmentRequest attach = new FragmentRequest();
    private State state = State.DETACHED;
    private long connection;
    private boolean attachInFlight;
    private long retryAtNs;

    /** How often it has attached. */
    private long number;

    Association(FragmentStore store, Listener listener) {
        this.store = store;
        this.listener = listener;
    }

    /** It is made, and its connection is there. */
    boolean isAttached() {
        return state == State.ATTACHED && connection == store.connection();
    }

    /** The store has attached. Its connection may have gone since, and nobody have noticed. */
    boolean isMade() {
        return state == State.ATTACHED;
    }

    /** It is made, or being made. */
    boolean isBegun() {
        return state != State.DETACHED;
    }

    /** Its connection has gone since it was begun. */
    boolean isBroken() {
        return state != State.DETACHED && connection != store.connection();
    }

    /** There is no connection over which another could be made, or is being made. */
    boolean isAway() {
        return store.connection() == 0 && !attachInFlight;
    }

    /** Which one it is; another number each time it attaches. */
    long number() {
        return number;
    }

    boolean mayBegin(long nowNs) {
        return state == State.DETACHED
                && !attachInFlight
                && nowNs >= retryAtNs
                && store.connection() != 0;
    }

    void begin(int vuid, int fragmentBytes, int epoch) {
        state = State.ATTACHING;
        attachInFlight = true;
        connection = store.connection();
        attach.op = FragmentOp.ATTACH;
        attach.address = DeviceAddress.of(vuid, 0);
        attach.count = 0;
        attach.fragmentBytes = fragmentBytes;
        attach.epoch = epoch;
        attach.watermark = 0;
        attach.completion = this;
        store.submit(attach);
    }

    /** It is over, and no other begins before that time. */
    void end(long restUntilNs) {
        state = State.DETACHED;
        restUntil(restUntilNs);
    }

    /** The next one does not begin before that time. */
    void restUntil(long ns) {
        retryAtNs = ns;
    }

    @Override
    public void complete(FragmentRequest request, IoStatus status, long result) {
        attachInFlight = false;
        if (state != State.ATTACHING || connection != store.connection()) {
            state = State.DETACHED;
            return;
        }
        if (status == IoStatus.OK) {
            state = State.ATTACHED;
            number++;
            listener.onAttached(result);
        } else {
            state = State.DETACHED;
            listener.onRefused(status);
        }
    }
}

package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import org.jspecify.annotations.Nullable;

/** A command at work in the store. Pooled. */
final class StoreOp extends HeaderWaiter implements BlockFile.Completion {
    enum State {
        IDLE,
        /** Waits for room in the ring, a page, an entry, a buffer or a header slot. */
        WAITING,
        LOADING_HEADER,
        /** Its data is on the way to its home in the page. */
        WRITING_HOME,
        HOME_DURABLE,
        /** In a batch that is being filled or written. */
        STAGED,
        READING,
        SCANNING,
        /** ATTACH, DELETE and map changes: until the older commands of the VUID are through. */
        BARRIER,
        DONE
    }

    /** The part of the store that drives the command. */
    interface Driver {
        void ioDone(StoreOp op, long token, int result);

        void headerReady(StoreOp op, int slot);
    }

    static final FragmentRequest NO_REQUEST = new FragmentRequest();
    private static final VuidState NO_VUID = new VuidState(-1);
    private static final Driver NO_DRIVER =
            new Driver() {
                @Override
                public void ioDone(StoreOp op, long token, int result) {
                    throw new AssertionError("an idle command hears of IO");
                }

                @Override
                public void headerReady(StoreOp op, int slot) {
                    throw new AssertionError("an idle command hears of a header");
                }
            };

    /** Another number for each use of this object. */
    long serial;

    State state = State.IDLE;
    FragmentRequest request = NO_REQUEST;
    VuidState vuid = NO_VUID;
    Driver driver = NO_DRIVER;
    @Nullable Runnable applied;

    long beganNs;

    /** VUID &lt;&lt; 39 | LPA. */
    long key;

    /** Does not wait for the committed watermark. */
    boolean urgent;

    int fragmentShift;
    int first;
    int count;

    int pageId = PageIndex.NONE;

    /** Counted in the page's pending commands. */
    boolean holdsPage;

    int page;
    int slot = HeaderCache.NO_SLOT;
    int buffer = ReadBuffers.NONE;
    int iosInFlight;
    int spanOffset;
    int spanBytes;

    /** A bit for each piece of the span that the device could not read. */
    long unreadable;

    int retries;
    long homeChangesSeen;
    long drainTicket;

    IoStatus status = IoStatus.OK;
    long result;

    @Nullable StoreOp next;
    @Nullable StoreOp vuidPrevious;
    @Nullable StoreOp vuidNext;

    void begin(FragmentRequest newRequest, VuidState newVuid, int pageShift) {
        serial++;
        request = newRequest;
        vuid = newVuid;
        state = State.WAITING;
        key =
                (long) newRequest.vuid() << DeviceAddress.VUID_SHIFT
                        | DeviceAddress.lpa(newRequest.address, pageShift);
        fragmentShift = Integer.numberOfTrailingZeros(Math.max(1, newRequest.fragmentBytes));
        first =
                (int) (newRequest.address & (1L << pageShift) - 1)
                        << 9
                        >> Math.min(fragmentShift, 30);
        count = newRequest.count;
        status = IoStatus.OK;
        result = 0;
        retries = 0;
        drainTicket = 0;
    }

    void end() {
        assert slot < 0 && buffer == ReadBuffers.NONE && !holdsPage && iosInFlight == 0;
        state = State.IDLE;
        request = NO_REQUEST;
        vuid = NO_VUID;
        driver = NO_DRIVER;
        applied = null;
        pageId = PageIndex.NONE;
    }

    /** A newer association or epoch has taken its place. */
    boolean isFenced() {
        return request.epoch < vuid.epoch || request.association != vuid.association;
    }

    boolean isUnstagedChange() {
        return switch (request.op) {
            case WRITE, UNMAP, REPLACE, FREE ->
                    state == State.WAITING
                            || state == State.LOADING_HEADER
                            || state == State.WRITING_HOME
                            || state == State.HOME_DURABLE;
            default -> false;
        };
    }

    /** It leaves no other version, and goes home whatever the watermark is. */
    boolean isReplacement() {
        return switch (request.op) {
            case REPLACE -> true;
            case UNMAP -> request.dropsOthers;
            default -> false;
        };
    }

    long oldestVersion() {
        return switch (request.op) {
            case REPLACE, FREE -> 0;
            default -> request.version;
        };
    }

    @Override
    public void complete(long token, int ioResult) {
        driver.ioDone(this, token, ioResult);
    }

    @Override
    void headerReady(int readySlot) {
        driver.headerReady(this, readySlot);
    }
}

package io.stria.nvmf;

import io.stria.nvme.FeatureId;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.StatusCode;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Set Features and Get Features of one controller. Some values mean something to the controller;
 * those that only a disk could follow are kept, because hosts may set every mandatory feature.
 */
final class Features {
    static final int[] KNOWN = {
        FeatureId.ARBITRATION,
        FeatureId.POWER_MANAGEMENT,
        FeatureId.TEMPERATURE_THRESHOLD,
        FeatureId.ERROR_RECOVERY,
        FeatureId.NUMBER_OF_QUEUES,
        FeatureId.WRITE_ATOMICITY,
        FeatureId.ASYNC_EVENT_CONFIGURATION,
        FeatureId.KEEP_ALIVE_TIMER,
        FeatureId.HOST_BEHAVIOR,
        FeatureId.HOST_IDENTIFIER
    };

    private static final int CHANGEABLE = 1 << 2;

    // What Get Features selects.
    private static final int CURRENT = 0;
    private static final int CAPABILITIES = 3;

    /** Temperature Threshold: which of the two thresholds, and of which sensor. */
    private static final int THRESHOLD_TYPE = 1 << 20;

    private static final int THRESHOLD_SELECT = 0x3F_0000;
    private static final int OVER_TEMPERATURE_DEFAULT = 0xFFFF;

    /** Error Recovery: errors for deallocated blocks, which no volume can report. */
    private static final int DEALLOCATED_ERRORS = 1 << 16;

    private final Controller controller;
    private final Map<Integer, Integer> kept = new HashMap<>();
    private boolean retryDelays;

    Features(Controller controller) {
        this.controller = controller;
    }

    /** The host waits as long as the retry delay of a status says. */
    boolean retryDelays() {
        return retryDelays;
    }

    void reset() {
        kept.clear();
        retryDelays = false;
    }

    void set(Command command, int cdw10, int cdw11) {
        if ((cdw10 & FeatureId.SAVE) != 0) {
            command.complete(StatusCode.FEATURE_NOT_SAVEABLE | StatusCode.DNR);
            return;
        }
        switch (cdw10 & 0xFF) {
            case FeatureId.NUMBER_OF_QUEUES -> setQueues(command, cdw11);
            case FeatureId.ASYNC_EVENT_CONFIGURATION -> setEvents(command, cdw11);
            case FeatureId.KEEP_ALIVE_TIMER -> {
                controller.setKeepAlive(Integer.toUnsignedLong(cdw11));
                command.complete(StatusCode.SUCCESS);
            }
            case FeatureId.HOST_BEHAVIOR -> setHostBehavior(command);
            case FeatureId.POWER_MANAGEMENT -> keepIf(command, cdw10, cdw11, (cdw11 & 0x1F) == 0);
            case FeatureId.TEMPERATURE_THRESHOLD ->
                    keepIf(command, cdw10, cdw11, isThreshold(cdw11));
            case FeatureId.ERROR_RECOVERY ->
                    keepIf(command, cdw10, cdw11, (cdw11 & DEALLOCATED_ERRORS) == 0);
            case FeatureId.ARBITRATION, FeatureId.WRITE_ATOMICITY ->
                    keepIf(command, cdw10, cdw11, true);
            case FeatureId.HOST_IDENTIFIER ->
                    command.complete(StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR);
            default -> command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
        }
    }

    /** The composite temperature is the one sensor. */
    private static boolean isThreshold(int cdw11) {
        return (cdw11 & THRESHOLD_SELECT & ~THRESHOLD_TYPE) == 0;
    }

    private void setQueues(Command command, int cdw11) {
        boolean invalid = (cdw11 & 0xFFFF) == 0xFFFF || cdw11 >>> 16 == 0xFFFF;
        if (invalid || controller.ioQueuesMax() == 0) {
            command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
        } else if (controller.hasIoQueues()) {
            command.complete(StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR);
        } else {
            command.complete(StatusCode.SUCCESS, queues());
        }
    }

    private long queues() {
        long lessOne = controller.ioQueuesMax() - 1L;
        return lessOne << 16 | lessOne;
    }

    private void setEvents(Command command, int cdw11) {
        if ((cdw11 & ~(controller.supportedEvents() | AsyncEvents.HEALTH_WARNINGS)) != 0) {
            command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
            return;
        }
        controller.events().configure(cdw11);
        command.complete(StatusCode.SUCCESS);
    }

    private void setHostBehavior(Command command) {
        if (command.dataBytes() != FeatureId.HOST_BEHAVIOR_BYTES) {
            command.complete(StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR);
            return;
        }
        retryDelays = LittleEndian.u8(command.data(), 0) == 1;
        command.complete(StatusCode.SUCCESS);
    }

    private void keepIf(Command command, int cdw10, int cdw11, boolean valid) {
        if (valid) {
            kept.put(key(cdw10 & 0xFF, cdw11), cdw11);
            command.complete(StatusCode.SUCCESS);
        } else {
            command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
        }
    }

    private static int key(int feature, int cdw11) {
        return feature == FeatureId.TEMPERATURE_THRESHOLD
                ? feature | cdw11 & THRESHOLD_TYPE
                : feature;
    }

    /** The command's memory is zero. */
    void get(Command command, int cdw10, int cdw11) {
        int feature = cdw10 & 0xFF;
        int select = FeatureId.select(cdw10);
        Long value = value(feature, cdw11, select == CURRENT);
        if (value == null || select > CAPABILITIES) {
            command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
        } else if (select == CAPABILITIES) {
            boolean fixed = feature == FeatureId.HOST_IDENTIFIER;
            command.complete(StatusCode.SUCCESS, fixed ? 0 : CHANGEABLE);
        } else {
            int status = fill(command, feature, select == CURRENT);
            command.complete(status, status == StatusCode.SUCCESS ? value : 0);
        }
    }

    /** Nothing is saved, so what would be saved is the default. */
    private @Nullable Long value(int feature, int cdw11, boolean current) {
        return switch (feature) {
            case FeatureId.NUMBER_OF_QUEUES -> controller.ioQueuesMax() == 0 ? null : queues();
            case FeatureId.ASYNC_EVENT_CONFIGURATION ->
                    current ? controller.events().configuration() & 0xFFFF_FFFFL : 0L;
            case FeatureId.KEEP_ALIVE_TIMER -> current ? controller.keepAliveMs() : 0L;
            case FeatureId.HOST_BEHAVIOR, FeatureId.HOST_IDENTIFIER -> 0L;
            case FeatureId.TEMPERATURE_THRESHOLD ->
                    isThreshold(cdw11) ? value(key(feature, cdw11), current) : null;
            case FeatureId.ARBITRATION,
                    FeatureId.POWER_MANAGEMENT,
                    FeatureId.ERROR_RECOVERY,
                    FeatureId.WRITE_ATOMICITY ->
                    value(feature, current);
            default -> null;
        };
    }

    private long value(int key, boolean current) {
        int usual = key == FeatureId.TEMPERATURE_THRESHOLD ? OVER_TEMPERATURE_DEFAULT : 0;
        return (current ? kept.getOrDefault(key, usual) : usual) & 0xFFFF_FFFFL;
    }

    private int fill(Command command, int feature, boolean current) {
        if (feature == FeatureId.HOST_BEHAVIOR) {
            if (command.dataBytes() != FeatureId.HOST_BEHAVIOR_BYTES) {
                return StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
            }
            LittleEndian.put8(command.data(), 0, current && retryDelays ? 1 : 0);
        } else if (feature == FeatureId.HOST_IDENTIFIER) {
            byte[] id = HexFormat.of().parseHex(controller.host().hostId());
            if (command.dataBytes() != id.length) {
                return StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
            }
            for (int i = 0; i < id.length; i++) {
                LittleEndian.put8(command.data(), i, id[i]);
            }
        }
        return StatusCode.SUCCESS;
    }
}

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
    private static final int CHANGEABLE = 1 << 2;
    private static final int SELECT_CAPABILITIES = 3;

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
            case FeatureId.ARBITRATION,
                    FeatureId.TEMPERATURE_THRESHOLD,
                    FeatureId.ERROR_RECOVERY,
                    FeatureId.WRITE_ATOMICITY ->
                    keepIf(command, cdw10, cdw11, true);
            case FeatureId.HOST_IDENTIFIER ->
                    command.complete(StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR);
            default -> command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
        }
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
        if ((cdw11 & ~controller.supportedEvents()) != 0) {
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
            kept.put(cdw10 & 0xFF, cdw11);
            command.complete(StatusCode.SUCCESS);
        } else {
            command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
        }
    }

    /** The command's memory is zero. */
    void get(Command command, int cdw10) {
        int feature = cdw10 & 0xFF;
        Long value = value(feature);
        if (value == null) {
            command.complete(StatusCode.INVALID_FIELD | StatusCode.DNR);
        } else if (FeatureId.select(cdw10) == SELECT_CAPABILITIES) {
            command.complete(StatusCode.SUCCESS, CHANGEABLE);
        } else {
            int status = fill(command, feature);
            command.complete(status, status == StatusCode.SUCCESS ? value : 0);
        }
    }

    private @Nullable Long value(int feature) {
        return switch (feature) {
            case FeatureId.NUMBER_OF_QUEUES -> controller.ioQueuesMax() == 0 ? null : queues();
            case FeatureId.ASYNC_EVENT_CONFIGURATION ->
                    controller.events().configuration() & 0xFFFF_FFFFL;
            case FeatureId.KEEP_ALIVE_TIMER -> controller.keepAliveMs();
            case FeatureId.HOST_BEHAVIOR, FeatureId.HOST_IDENTIFIER -> 0L;
            case FeatureId.ARBITRATION,
                    FeatureId.POWER_MANAGEMENT,
                    FeatureId.TEMPERATURE_THRESHOLD,
                    FeatureId.ERROR_RECOVERY,
                    FeatureId.WRITE_ATOMICITY ->
                    kept.getOrDefault(feature, 0) & 0xFFFF_FFFFL;
            default -> null;
        };
    }

    private int fill(Command command, int feature) {
        if (feature == FeatureId.HOST_BEHAVIOR) {
            if (command.dataBytes() != FeatureId.HOST_BEHAVIOR_BYTES) {
                return StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
            }
            LittleEndian.put8(command.data(), 0, retryDelays ? 1 : 0);
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

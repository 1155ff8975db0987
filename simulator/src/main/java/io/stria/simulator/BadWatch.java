package io.stria.simulator;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentRequest;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every fragment that a store calls bad. Where no media were damaged there are two reasons
 * for that: its device has failed since the process started, or an owner has told it so, since
 * nobody could read the block. Of any other one the store has lost what it had acknowledged.
 */
final class BadWatch {
    private record Place(UUID deviceId, int vuid, long sector) {}

    /** What owners have given up: it stays bad when the process starts anew. */
    private final Set<Place> givenUp = new HashSet<>();

    private @Nullable String first;
    private long unexplained;

    /**
     * A store has executed the command.
     *
     * @param failed its device has failed since the process started
     */
    void executed(UUID deviceId, FragmentRequest request, boolean failed) {
        switch (request.op) {
            case READ, READ_AT -> {
                for (int i = 0; !failed && i < request.count; i++) {
                    if (isBad(request, i) && !givenUp.contains(place(deviceId, request, i))) {
                        unexplained++;
                        first = first == null ? text(deviceId, request, i) : first;
                    }
                }
            }
            case REPLACE -> {
                for (int i = 0; i < request.count; i++) {
                    if (isBad(request, i)) {
                        givenUp.add(place(deviceId, request, i));
                    }
                }
            }
            default -> {}
        }
    }

    private static boolean isBad(FragmentRequest request, int i) {
        long stride = FragmentFormat.stride(request.fragmentBytes);
        long metadata = request.bufferOffset + i * stride + request.fragmentBytes;
        return (FragmentFormat.flags(request.buffer, metadata) & FragmentFormat.BAD) != 0;
    }

    private static Place place(UUID deviceId, FragmentRequest request, int i) {
        long sector = DeviceAddress.vlba(request.address) + i * (request.fragmentBytes / 512L);
        return new Place(deviceId, request.vuid(), sector);
    }

    private static String text(UUID deviceId, FragmentRequest request, int i) {
        Place place = place(deviceId, request, i);
        return "fragment at sector %d of volume %d on device %s"
                .formatted(place.sector(), place.vuid(), place.deviceId());
    }

    void expectNone() {
        if (unexplained > 0) {
            throw new AssertionError(
                    "stores called %d fragments bad, though no media were damaged; the first: %s"
                            .formatted(unexplained, first));
        }
    }
}

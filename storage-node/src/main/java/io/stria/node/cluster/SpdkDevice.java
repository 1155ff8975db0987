package io.stria.node.cluster;

import io.stria.runtime.spdk.SpdkAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A namespace behind SPDK that a new cluster may take. A small file with its address stands for it.
 */
public record SpdkDevice(SpdkAddress address, long sizeBytes) implements NamedDevice {
    private static final long FILE_BYTES_MAX = 2048;

    /**
     * @throws ClusterException with a sentence, if an address is not understood or stands there
     *     twice
     */
    public static List<SpdkAddress> addresses(List<String> given) {
        Set<String> seen = new HashSet<>();
        return given.stream()
                .map(text -> {
                    SpdkAddress address = parse(text);
                    if (!seen.add(address.place())) {
                        throw new ClusterException(address + " is named twice");
                    }
                    return address;
                })
                .toList();
    }

    private static SpdkAddress parse(String text) {
        try {
            return SpdkAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ClusterException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * What {@link #link} has written.
     *
     * @throws IOException with a sentence
     */
    public static SpdkAddress read(Path link) throws IOException {
        if (Files.size(link) > FILE_BYTES_MAX) {
            throw new IOException(link + " holds no address of a device");
        }
        try {
            return SpdkAddress.parse(Files.readString(link).strip());
        } catch (IllegalArgumentException e) {
            throw new IOException(link + ": " + e.getMessage(), e);
        }
    }

    /** Devices of a cluster that nothing keeps late writes of dead processes from. */
    public static List<SpdkAddress> unfenced(ClusterDirectory directory, ClusterFile cluster) {
        return cluster.nodes().stream()
                .flatMap(node -> node.devices().stream())
                .filter(device -> device.kind() == DeviceKind.SPDK)
                .map(device -> directory.devicePath(device))
                .flatMap(SpdkDevice::readable)
                .filter(address -> address.fence() == SpdkAddress.Fence.NONE)
                .toList();
    }

    /** Nothing where there is no address: the device's node says so. */
    private static Stream<SpdkAddress> readable(Path link) {
        try {
            return Stream.of(read(link));
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    @Override
    public void link(Path link) throws IOException {
        DurableFiles.write(link, (address + "\n").getBytes(StandardCharsets.US_ASCII));
    }
}

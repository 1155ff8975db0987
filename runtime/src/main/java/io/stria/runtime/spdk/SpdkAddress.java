package io.stria.runtime.spdk;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where a device is that SPDK drives: a PCI address ({@code 0000:01:00.0}), or SPDK's words for a
 * namespace behind NVMe/TCP ({@code trtype:TCP traddr:192.0.2.1 trsvcid:4420 subnqn:nqn... ns:1}).
 * All of it was checked. {@code fence:none} behind it gives up that only one process writes.
 *
 * @param transport of what follows
 * @param address PCI address, or IP address
 * @param port 0 on PCIe
 * @param subsystem NQN; "" on PCIe
 * @param nsid of the namespace
 * @param fence what keeps writes of processes out that are dead or were thought to be
 */
public record SpdkAddress(
        Transport transport, String address, int port, String subsystem, int nsid, Fence fence) {
    /** How the device is reached. */
    public enum Transport {
        PCIE,
        TCP
    }

    /** What keeps writes of an earlier process from landing after those of a later one. */
    public enum Fence {
        /** A controller on PCIe is reset when it is taken. */
        RESET,

        /** A reservation of NVMe. */
        RESERVATION,

        /** Nothing that could be relied on. */
        NONE
    }

    private static final Pattern PCI =
            Pattern.compile("(?:([0-9a-f]{4}):)?([0-9a-f]{2}:[01][0-9a-f]\\.[0-7])");
    private static final Pattern NQN = Pattern.compile("nqn\\.[!-~]{1,219}");
    private static final int TEXT_MAX = 1024;
    private static final int NSID_MAX = 0xFFFF;

    /**
     * @throws IllegalArgumentException with a sentence
     */
    public static SpdkAddress parse(String text) {
        if (text.length() > TEXT_MAX) {
            throw new IllegalArgumentException("a device address of " + text.length() + " letters");
        }
        if (PCI.matcher(text.toLowerCase(Locale.ROOT)).matches()) {
            return pcie(text, 1);
        }
        Map<String, String> words = words(text);
        int nsid = number(text, words.getOrDefault("ns", "1"), NSID_MAX);
        String transport = words.getOrDefault("trtype", "");
        return switch (transport.toUpperCase(Locale.ROOT)) {
            case "PCIE" -> pcie(text, words, nsid);
            case "TCP" -> tcp(text, words, nsid);
            default ->
                    throw new IllegalArgumentException(
                            "'%s' is neither a PCI address nor trtype:TCP traddr:... trsvcid:... subnqn:... ns:..."
                                    .formatted(text));
        };
    }

    private static SpdkAddress pcie(String text, Map<String, String> words, int nsid) {
        if (words.containsKey("fence")) {
            throw new IllegalArgumentException(
                    "'%s': a device on PCIe is fenced by its reset".formatted(text));
        }
        return pcie(words.getOrDefault("traddr", ""), nsid);
    }

    private static SpdkAddress pcie(String address, int nsid) {
        var matcher = PCI.matcher(address.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + address + "' is no PCI address");
        }
        String domain = matcher.group(1) == null ? "0000" : matcher.group(1);
        return new SpdkAddress(
                Transport.PCIE, domain + ":" + matcher.group(2), 0, "", nsid, Fence.RESET);
    }

    private static SpdkAddress tcp(String text, Map<String, String> words, int nsid) {
        String ip = words.getOrDefault("traddr", "");
        int port = number(text, words.getOrDefault("trsvcid", "4420"), 65535);
        String subsystem = words.getOrDefault("subnqn", "");
        if (!NQN.matcher(subsystem).matches()) {
            throw new IllegalArgumentException("'" + text + "' names no subsystem: subnqn:nqn...");
        }
        try {
            return new SpdkAddress(
                    Transport.TCP,
                    InetAddress.ofLiteral(ip).getHostAddress(),
                    port,
                    subsystem,
                    nsid,
                    fence(text, words));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'" + ip + "' in '" + text + "' is no IP address", e);
        }
    }

    private static Fence fence(String text, Map<String, String> words) {
        String word = words.get("fence");
        if (word == null) {
            return Fence.RESERVATION;
        }
        if (!word.equals("none")) {
            throw new IllegalArgumentException(
                    "'fence:%s' in '%s' is not understood: it is 'fence:none' or left out"
                            .formatted(word, text));
        }
        return Fence.NONE;
    }

    private static Map<String, String> words(String text) {
        Map<String, String> words = new HashMap<>();
        for (String word : text.strip().split("\\s+")) {
            int colon = word.indexOf(':');
            String name = colon < 0 ? "" : word.substring(0, colon).toLowerCase(Locale.ROOT);
            boolean known =
                    switch (name) {
                        case "trtype", "traddr", "trsvcid", "subnqn", "ns", "adrfam", "fence" ->
                                true;
                        default -> false;
                    };
            if (!known || words.put(name, word.substring(colon + 1)) != null) {
                throw new IllegalArgumentException(
                        "'%s' in '%s' is not understood".formatted(word, text));
            }
        }
        return words;
    }

    private static int number(String text, String digits, int max) {
        if (digits.matches("\\d{1,5}")) {
            int number = Integer.parseInt(digits);
            if (number >= 1 && number <= max) {
                return number;
            }
        }
        throw new IllegalArgumentException(
                "'%s' in '%s' is no number from 1 to %d".formatted(digits, text, max));
    }

    /** SPDK's words for its controller. */
    String transportId() {
        if (transport == Transport.PCIE) {
            return "trtype:PCIe traddr:" + address;
        }
        String family = isIpv6() ? "IPv6" : "IPv4";
        return "trtype:TCP adrfam:%s traddr:%s trsvcid:%d subnqn:%s"
                .formatted(family, address, port, subsystem);
    }

    private boolean isIpv6() {
        return InetAddress.ofLiteral(address) instanceof Inet6Address;
    }

    /** Where it is, without how it is fenced: the same for two addresses of one device. */
    public String place() {
        return transportId() + " ns:" + nsid;
    }

    /** What {@link #parse} takes. */
    @Override
    public String toString() {
        return place() + (fence == Fence.NONE ? " fence:none" : "");
    }
}

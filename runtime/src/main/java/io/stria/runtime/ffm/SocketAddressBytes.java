package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/**
 * An internet address as the kernel writes it.
 *
 * <pre>
 * sockaddr_in  (16 bytes): 0 family:16 (2)   2 port:16 BE   4 address:32 BE   8 zero
 * sockaddr_in6 (28 bytes): 0 family:16 (10)  2 port:16 BE   4 flow:32   8 address:128   24 scope:32
 * </pre>
 */
public final class SocketAddressBytes {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int BYTES_MAX = 28;

    private static final int V4_BYTES = 16;
    private static final int V6_BYTES = 28;
    private static final ValueLayout.OfShort PORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment bytes;

    private SocketAddressBytes(MemorySegment bytes) {
        this.bytes = bytes;
    }

    /** Encodes an address that was resolved. */
    public static SocketAddressBytes of(InetSocketAddress address, Arena arena) {
        byte[] ip = address.getAddress().getAddress();
        boolean v4 = ip.length == 4;
        MemorySegment bytes = arena.allocate(v4 ? V4_BYTES : V6_BYTES, Long.BYTES);
        bytes.set(JAVA_SHORT, 0, (short) (v4 ? AF_INET : AF_INET6));
        bytes.set(PORT, 2, (short) address.getPort());
        MemorySegment.copy(ip, 0, bytes, JAVA_BYTE, v4 ? 4 : 8, ip.length);
        return new SocketAddressBytes(bytes);
    }

    static boolean isInternet(MemorySegment bytes) {
        int family = bytes.get(JAVA_SHORT, 0);
        return family == AF_INET || family == AF_INET6;
    }

    /** Decodes what the kernel wrote; IPv4 mapped into IPv6 comes out as IPv4. */
    static InetSocketAddress decode(MemorySegment bytes) {
        boolean v4 = bytes.get(JAVA_SHORT, 0) == AF_INET;
        byte[] ip = bytes.asSlice(v4 ? 4 : 8, v4 ? 4 : 16).toArray(JAVA_BYTE);
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(ip), Short.toUnsignedInt(bytes.get(PORT, 2)));
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 or 16 bytes", e);
        }
    }

    int family() {
        return bytes.get(JAVA_SHORT, 0);
    }

    int length() {
        return (int) bytes.byteSize();
    }

    long address() {
        return bytes.address();
    }

    MemorySegment memory() {
        return bytes;
    }
}

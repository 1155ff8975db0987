package io.stria.runtime.ffm.spdk;

import io.stria.runtime.ffm.spdk.bindings.Bindings;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/**
 * A namespace as its controller describes it. The address is good until the controller is reset.
 *
 * @param sectorBytes data of a logical block
 * @param metadataBytes metadata of a logical block; 0 for none
 * @param interleaved whether metadata follows the data of each block, and not in a buffer of its
 *     own
 * @param protection whether the metadata holds protection information
 * @param deallocates whether it knows the deallocation of blocks
 * @param zeroes whether it knows Write Zeroes
 * @param reserves whether it knows reservations under which only their holder writes
 * @param keepsReservations whether they can outlive a loss of power
 * @param identity its globally unique identifiers; "" where it has none
 */
@SuppressWarnings("restricted")
public record SpdkNamespace(
        long address,
        long sectors,
        int sectorBytes,
        int metadataBytes,
        boolean interleaved,
        boolean protection,
        boolean deallocates,
        boolean zeroes,
        boolean reserves,
        boolean keepsReservations,
        String identity) {
    private static final int FLAG_DEALLOCATE = 1;
    private static final int FLAG_WRITE_ZEROES = 1 << 3;

    /** Of NVMe's Identify Namespace data: what it knows of reservations. */
    private static final long RESERVATIONS_OFFSET = 31;

    private static final int KEEPS_RESERVATIONS = 1;
    private static final int WRITE_EXCLUSIVE = 1 << 1;

    /** Of NVMe's Identify Namespace data: NGUID and EUI64. */
    private static final long IDENTITY_OFFSET = 104;

    private static final int IDENTITY_BYTES = 24;
    private static final long DATA_BYTES = 4096;
    private static final int PROTECTION_BYTES = 8;

    static SpdkNamespace of(MemorySegment ns) {
        MemorySegment data = Bindings.spdk_nvme_ns_get_data(ns);
        int reservations = reservations(data);
        int flags = Bindings.spdk_nvme_ns_get_flags(ns);
        int sectorBytes = Bindings.spdk_nvme_ns_get_sector_size(ns);
        return new SpdkNamespace(
                ns.address(),
                Bindings.spdk_nvme_ns_get_num_sectors(ns),
                sectorBytes,
                Bindings.spdk_nvme_ns_get_md_size(ns),
                Bindings.spdk_nvme_ns_get_extended_sector_size(ns) > sectorBytes,
                Bindings.spdk_nvme_ns_get_pi_type(ns) != 0,
                (flags & FLAG_DEALLOCATE) != 0,
                (flags & FLAG_WRITE_ZEROES) != 0,
                (reservations & WRITE_EXCLUSIVE) != 0,
                (reservations & KEEPS_RESERVATIONS) != 0,
                identity(data));
    }

    /**
     * Metadata of a block that goes with its data.
     *
     * @param strips whether the device is asked to make protection information and take it off
     */
    public int movedMetadataBytes(boolean strips) {
        return strips && protection && metadataBytes == PROTECTION_BYTES ? 0 : metadataBytes;
    }

    /** The same place as before a reset, and of the same form. */
    public boolean isSameAs(SpdkNamespace before) {
        return identity.equals(before.identity)
                && sectors == before.sectors
                && sectorBytes == before.sectorBytes
                && metadataBytes == before.metadataBytes
                && interleaved == before.interleaved
                && protection == before.protection;
    }

    private static int reservations(MemorySegment data) {
        return data.address() == 0
                ? 0
                : data.reinterpret(DATA_BYTES).get(ValueLayout.JAVA_BYTE, RESERVATIONS_OFFSET);
    }

    private static String identity(MemorySegment data) {
        if (data.address() == 0) {
            return "";
        }
        byte[] bytes =
                data.reinterpret(DATA_BYTES)
                        .asSlice(IDENTITY_OFFSET, IDENTITY_BYTES)
                        .toArray(ValueLayout.JAVA_BYTE);
        for (byte value : bytes) {
            if (value != 0) {
                return HexFormat.of().formatHex(bytes);
            }
        }
        return "";
    }
}

package io.stria.simulator.powercut;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Takes fragments from stores of a {@link Machine}, or spoils them, behind the owner's back. */
final class Damage {
    /** What a slot has instead of its fragment. */
    enum Kind {
        /** Nothing is there any more. */
        ABSENT,

        /** It is known to be bad. */
        BAD,

        /** Other bytes, with a checksum that fits, of an older write: what a lost write leaves. */
        OLDER
    }

    private static final byte OTHER_BYTES = 0x3c;

    private final Machine machine;

    Damage(Machine machine) {
        this.machine = machine;
    }

    /**
     * A slot loses its fragment of the block, if it has one.
     *
     * @param kind what is bad or of another write says which version was there: here the first of
     *     all, so that no other is older
     */
    void set(int block, int slot, Kind kind) {
        int fragments = machine.volume().scheme().fragments();
        int bytes = machine.volume().scheme().fragmentBytes();
        int fragmentsPerPage = (512 << Machine.PAGE_SHIFT) / bytes;
        long page = block / fragmentsPerPage;
        int chunk = Math.floorMod(slot - (int) page, fragments);
        long vlba =
                (page * fragments + chunk << Machine.PAGE_SHIFT)
                        + (long) (block % fragmentsPerPage) * bytes / 512;
        MemorySegment fragment = Arena.ofAuto().allocate(FragmentFormat.stride(bytes), 64);
        long version = kind == Kind.ABSENT ? Version.NONE : Version.of(1, 1);
        int flags =
                switch (kind) {
                    case ABSENT -> FragmentFormat.ABSENT;
                    case BAD -> FragmentFormat.BAD;
                    case OLDER -> 0;
                };
        int crc = 0;
        if (kind == Kind.OLDER) {
            fragment.asSlice(0, bytes).fill(OTHER_BYTES);
            CRC32C fitting = new CRC32C();
            fitting.update(fragment.asSlice(0, bytes).asByteBuffer());
            crc = (int) fitting.getValue();
        }
        FragmentFormat.putMetadata(fragment, bytes, version, crc, flags);
        FragmentRequest request = new FragmentRequest();
        request.op = FragmentOp.REPLACE;
        request.address = DeviceAddress.of(Machine.VUID, vlba);
        request.count = 1;
        request.fragmentBytes = bytes;
        request.buffer = fragment;
        request.bufferBytes = FragmentFormat.stride(bytes);
        request.epoch = machine.volume().epoch();
        List<IoStatus> answer = new ArrayList<>();
        request.completion = (ended, status, result) -> answer.add(status);
        machine.port(slot).submit(request);
        machine.expect(() -> !answer.isEmpty(), () -> "damage on slot " + slot);
        if (answer.getFirst() != IoStatus.OK) {
            throw new AssertionError("damage on slot %d: %s".formatted(slot, answer.getFirst()));
        }
    }
}

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

/** Takes fragments from stores of a {@link Machine}, or spoils them, behind the owner's back. */
final class Damage {
    private final Machine machine;

    Damage(Machine machine) {
        this.machine = machine;
    }

    /**
     * A slot loses its fragment of the block, if it has one.
     *
     * @param absent nothing is there any more; otherwise it is bad. What is bad says which version
     *     was there: here the first of all, so that no other is older.
     */
    void set(int block, int slot, boolean absent) {
        int fragments = machine.volume().scheme().fragments();
        int bytes = machine.volume().scheme().fragmentBytes();
        int fragmentsPerPage = (512 << Machine.PAGE_SHIFT) / bytes;
        long page = block / fragmentsPerPage;
        int chunk = Math.floorMod(slot - (int) page, fragments);
        long vlba =
                (page * fragments + chunk << Machine.PAGE_SHIFT)
                        + (long) (block % fragmentsPerPage) * bytes / 512;
        MemorySegment fragment = Arena.ofAuto().allocate(FragmentFormat.stride(bytes), 64);
        FragmentFormat.putMetadata(
                fragment,
                bytes,
                absent ? Version.NONE : Version.of(1, 1),
                0,
                absent ? FragmentFormat.ABSENT : FragmentFormat.BAD);
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

package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** An owner of one VUID, for tests: addresses are (LPA, fragment). */
final class StoreClient {
    /** One line of a LIST. */
    record Listed(long address, long version, boolean tombstone) {}

    final StoreHarness harness;
    final int vuid;
    final int fragmentBytes;
    final int pageShift;
    int epoch = 1;
    long association;
    long watermark;
    boolean allInSync = true;

    StoreClient(StoreHarness harness, int vuid, int fragmentBytes) {
        this.harness = harness;
        this.vuid = vuid;
        this.fragmentBytes = fragmentBytes;
        this.pageShift = harness.identity.pageShift();
    }

    int fragments() {
        return (512 << pageShift) / fragmentBytes;
    }

    long address(long lpa, int fragment) {
        return DeviceAddress.of(vuid, (lpa << pageShift) + (long) fragment * (fragmentBytes / 512));
    }

    Call call(FragmentOp op, long lpa, int fragment, int count) {
        Call call = harness.call(op, vuid, epoch, association);
        call.request.address = address(lpa, fragment);
        call.request.fragmentBytes = fragmentBytes;
        call.request.count = count;
        call.request.watermark = watermark;
        call.request.allInSync = allInSync;
        return call;
    }

    private Call withBuffer(Call call) {
        long bytes = (long) call.request.count * FragmentFormat.stride(fragmentBytes);
        call.request.buffer = Arena.ofAuto().allocate(bytes, 8);
        call.request.bufferBytes = (int) bytes;
        return call;
    }

    /** Returns the store's durable watermark. */
    long attach() {
        association++;
        Call call = call(FragmentOp.ATTACH, 0, 0, 0);
        IoStatus status = harness.run(call);
        assert status == IoStatus.OK : status;
        return call.result;
    }

    Call writeCall(long lpa, int fragment, int count, long version) {
        Call call = withBuffer(call(FragmentOp.WRITE, lpa, fragment, count));
        call.request.version = version;
        for (int i = 0; i < count; i++) {
            put(call, i, address(lpa, fragment + i), version, 0);
        }
        return call;
    }

    void put(Call call, int i, long address, long version, int flags) {
        StoreHarness.fill(call.data(i), address, version);
        FragmentFormat.putMetadata(
                call.request.buffer,
                (long) i * FragmentFormat.stride(fragmentBytes) + fragmentBytes,
                version,
                flags == 0 ? StoreHarness.crc(call.data(i)) : 0,
                flags);
    }

    IoStatus write(long lpa, int fragment, int count, long version) {
        return harness.run(writeCall(lpa, fragment, count, version));
    }

    Call replaceCall(long lpa, int fragment, int count) {
        return withBuffer(call(FragmentOp.REPLACE, lpa, fragment, count));
    }

    IoStatus replace(long lpa, int fragment, int count, long version, int flags) {
        Call call = replaceCall(lpa, fragment, count);
        for (int i = 0; i < count; i++) {
            put(call, i, address(lpa, fragment + i), version, flags);
        }
        return harness.run(call);
    }

    IoStatus free(long lpa, int fragment, int count) {
        return harness.run(call(FragmentOp.FREE, lpa, fragment, count));
    }

    Call unmapCall(long lpa, int fragment, int count, long version) {
        Call call = call(FragmentOp.UNMAP, lpa, fragment, count);
        call.request.version = version;
        return call;
    }

    IoStatus unmap(long lpa, int fragment, int count, long version) {
        return harness.run(unmapCall(lpa, fragment, count, version));
    }

    Call read(long lpa, int fragment, int count) {
        Call call = withBuffer(call(FragmentOp.READ, lpa, fragment, count));
        call.request.buffer.fill((byte) 0x5a);
        IoStatus status = harness.run(call);
        assert status == IoStatus.OK : status;
        return call;
    }

    Call readCall(FragmentOp op, long lpa, int fragment, int count, long version) {
        Call call = withBuffer(call(op, lpa, fragment, count));
        call.request.buffer.fill((byte) 0x5a);
        call.request.version = version;
        return call;
    }

    Call readAt(long lpa, int fragment, int count, long version) {
        Call call = withBuffer(call(FragmentOp.READ_AT, lpa, fragment, count));
        call.request.version = version;
        IoStatus status = harness.run(call);
        assert status == IoStatus.OK : status;
        return call;
    }

    /** Version of good data; -1 for anything else. */
    long readVersion(long lpa, int fragment) {
        return checked(read(lpa, fragment, 1), 0, address(lpa, fragment));
    }

    /** 0: absent; -2: bad; -3: wrong data under a good flag; negative version - 10: tombstone. */
    static long checked(Call call, int i, long address) {
        if ((call.flags(i) & FragmentFormat.ABSENT) != 0) {
            return 0;
        }
        if ((call.flags(i) & FragmentFormat.BAD) != 0) {
            return -2;
        }
        if ((call.flags(i) & FragmentFormat.TOMBSTONE) != 0) {
            return -10 - call.version(i);
        }
        return StoreHarness.isContent(call.data(i), address, call.version(i))
                ? call.version(i)
                : -3;
    }

    static long tombstone(long version) {
        return -10 - version;
    }

    IoStatus commit(long newWatermark) {
        watermark = newWatermark;
        return harness.run(call(FragmentOp.COMMIT, 0, 0, 0));
    }

    IoStatus delete() {
        return harness.run(call(FragmentOp.DELETE, 0, 0, 0));
    }

    List<Listed> list(long above, int bufferEntries) {
        List<Listed> listed = new ArrayList<>();
        long from = DeviceAddress.of(vuid, 0);
        while (true) {
            Call call = listCall(from, above, bufferEntries);
            List<Listed> told = listed(call);
            listed.addAll(told);
            if ((call.result & FragmentFormat.LIST_MORE) == 0) {
                return listed;
            }
            long last = listed.getLast().address();
            if (told.size() == bufferEntries && told.getFirst().address() == last) {
                listNewer(last, bufferEntries, listed);
            }
            from = last + fragmentBytes / 512;
        }
    }

    /** Adds the versions of that address above those that are listed. */
    private void listNewer(long address, int bufferEntries, List<Listed> listed) {
        List<Listed> told;
        do {
            told = listed(listCall(address, listed.getLast().version(), bufferEntries));
            told.removeIf(one -> one.address() != address);
            listed.addAll(told);
        } while (told.size() == bufferEntries);
    }

    /**
     * The groups of so many chunks each, from that LPA on; asked for again until no more follow.
     */
    List<Listed> listGroups(long above, int bufferEntries, long lpa, int chunks, long groups) {
        List<Listed> listed = new ArrayList<>();
        long first = lpa;
        long rest = groups;
        while (rest != 0) {
            Call call = listCall(address(first, 0), above, bufferEntries);
            call.request.count = chunks;
            call.request.groups = rest;
            List<Listed> told = listed(call);
            boolean more = (call.result & FragmentFormat.LIST_MORE) != 0;
            if (!more) {
                listed.addAll(told);
                return listed;
            }
            // What is known of the last group may not be all of it.
            long last = DeviceAddress.lpa(told.getLast().address(), pageShift);
            int skipped = (int) ((last - first) / chunks);
            long next = first + (long) skipped * chunks;
            told.removeIf(one -> DeviceAddress.lpa(one.address(), pageShift) >= next);
            assert skipped > 0 : "a group does not fit";
            listed.addAll(told);
            first = next;
            rest >>>= skipped;
        }
        return listed;
    }

    Call listCall(long from, long above, int bufferEntries) {
        Call call = call(FragmentOp.LIST, 0, 0, 0);
        call.request.address = from;
        call.request.version = above;
        call.request.bufferBytes = bufferEntries * FragmentFormat.LIST_ENTRY_BYTES;
        call.request.buffer = Arena.ofAuto().allocate(call.request.bufferBytes, 8);
        return call;
    }

    private List<Listed> listed(Call call) {
        IoStatus status = harness.run(call);
        assert status == IoStatus.OK : status;
        List<Listed> listed = new ArrayList<>();
        long count = call.result & ~FragmentFormat.LIST_MORE;
        for (int i = 0; i < count; i++) {
            long at = (long) i * FragmentFormat.LIST_ENTRY_BYTES;
            listed.add(
                    new Listed(
                            FragmentFormat.listAddress(call.request.buffer, at),
                            FragmentFormat.listVersion(call.request.buffer, at),
                            FragmentFormat.listFlags(call.request.buffer, at)
                                    == FragmentFormat.TOMBSTONE));
        }
        return listed;
    }
}

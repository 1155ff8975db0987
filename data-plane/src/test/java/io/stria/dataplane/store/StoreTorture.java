package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.dataplane.store.StoreClient.Listed;
import io.stria.dataplane.store.StoreHarness.Call;
import io.stria.runtime.sim.DiskConfig;
import io.stria.runtime.sim.DiskObserver;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * One seed of random commands, crashes and crashes during recovery against a model. The owners
 * behave as the rules of docs/correctness.md ask: one change at a time to a fragment, and whatever
 * was on its way at a crash is written again.
 */
final class StoreTorture {
    private static final int LPAS = 14;
    private static final int IN_FLIGHT_MAX = 10;

    /** A command on its way, and what it may do to the model. */
    private static final class Pending {
        final Owner owner;
        final Call call;
        final long lpa;
        final int first;
        final int count;
        final long version;
        final long[] replaceVersions;
        final int[] replaceFlags;

        Pending(Owner owner, Call call, long lpa, int first, int count, long version) {
            this.owner = owner;
            this.call = call;
            this.lpa = lpa;
            this.first = first;
            this.count = count;
            this.version = version;
            this.replaceVersions = new long[count];
            this.replaceFlags = new int[count];
        }

        FragmentOp op() {
            return call.request.op;
        }

        boolean dropsOthers() {
            return call.request.dropsOthers;
        }

        boolean isChange() {
            return switch (op()) {
                case WRITE, UNMAP, REPLACE, DELETE -> true;
                default -> false;
            };
        }

        boolean meets(Owner other, long otherLpa, int from, int to) {
            return owner == other
                    && (op() == FragmentOp.DELETE
                            || (lpa == otherLpa && first < to && from < first + count));
        }
    }

    /** One VUID and its owner. */
    private final class Owner {
        final StoreClient client;
        final VuidModel model = new VuidModel();
        final TreeSet<Long> unfinished = new TreeSet<>(Long::compareUnsigned);
        long sequence;
        long sentWatermark;
        long ackedWatermark;
        boolean stuck;

        Owner(int vuid, int fragmentBytes) {
            client = new StoreClient(harness, vuid, fragmentBytes);
        }

        long nextVersion() {
            long version = Version.of(client.epoch, ++sequence);
            unfinished.add(version);
            return version;
        }

        long committed() {
            return unfinished.isEmpty()
                    ? Version.of(client.epoch, sequence)
                    : unfinished.first() - 1;
        }

        /** The watermark has made what a read asked for void while that was under way. */
        boolean isPassed(long address, long version) {
            return Version.isNewer(sentWatermark, version)
                    && !Objects.equals(
                            model.at(address).floorKey(version),
                            model.at(address).floorKey(sentWatermark));
        }

        void updateWatermark() {
            if (!stuck && Version.isNewer(committed(), sentWatermark)) {
                sentWatermark = committed();
                client.watermark = sentWatermark;
            }
        }
    }

    private final long seed;
    private final SplittableRandom random;
    private final StoreHarness harness;
    private final Layout layout;
    private final List<Owner> owners = new ArrayList<>();
    private final List<Pending> pending = new ArrayList<>();
    private boolean crashed;
    private int crashes;

    StoreTorture(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        int block = random.nextBoolean() ? 512 : 4096;
        long bytes = (4L << 20) + random.nextInt(16) * (512L << 10);
        DiskConfig disk =
                random.nextInt(3) == 0
                        ? DiskConfig.instant(bytes, block)
                        : DiskConfig.flash(bytes, block);
        StoreConfig config =
                StoreConfig.defaults()
                        .withHeaderCacheBytes(16 * 4096)
                        .withBypassBytesMin(8192 << random.nextInt(3))
                        .withMerging(5 + random.nextInt(60), 100_000L << random.nextInt(10));
        harness = new StoreHarness(seed, disk, config, StoreHarness.IDENTITY);
        layout = Layout.plan(bytes, block, harness.identity.pageShift(), config.ringBytesMax());
        owners.add(new Owner(5, 512 << random.nextInt(4)));
        owners.add(new Owner(6, 512 << random.nextInt(4)));
    }

    void run() {
        try (harness) {
            harness.format();
            harness.open();
            owners.forEach(owner -> owner.client.attach());
            int rounds = 2 + random.nextInt(5);
            for (int round = 0; round < rounds; round++) {
                work(20 + random.nextInt(200));
                crash();
                recover();
            }
            work(30);
            settle();
            checkAll();
        } catch (Throwable failure) {
            failure.addSuppressed(
                    new AssertionError("seed " + seed + " after " + crashes + " crashes"));
            throw failure;
        }
    }

    private void work(int commands) {
        planCrash();
        for (int i = 0; i < commands && !crashed; i++) {
            if (pending.size() < IN_FLIGHT_MAX) {
                begin();
            }
            letPass(random.nextInt(6));
            harvest();
        }
    }

    /** Some crashes come at a request of the store's, of whatever kind, or in a shadow. */
    private void planCrash() {
        boolean inShadow = random.nextInt(4) == 0;
        int before = random.nextInt(inShadow ? 4 : 200);
        int[] left = {inShadow || random.nextBoolean() ? before : Integer.MAX_VALUE};
        harness.disk.observe((DiskObserver.Kind kind, long offset, long length) -> {
            boolean counts = !inShadow || isShadowWrite(kind, offset);
            if (counts && left[0]-- == 0) {
                crashed = true;
                harness.host.powerCut();
            }
        });
    }

    private boolean isShadowWrite(DiskObserver.Kind kind, long offset) {
        return kind == DiskObserver.Kind.DURABLE_WRITE
                && offset >= layout.shadowOffset(0)
                && offset < layout.pagesOffset();
    }

    private void letPass(int events) {
        int[] left = {events};
        if (!crashed) {
            harness.simulation()
                    .runUntil(
                            () -> crashed || left[0]-- <= 0,
                            random.nextInt(20) == 0 ? 50_000_000L : 1_000_000L);
        }
    }

    private void begin() {
        Owner owner = owners.get(random.nextInt(owners.size()));
        owner.updateWatermark();
        if (random.nextInt(60) == 0) {
            owner.stuck = !owner.stuck;
        }
        if (harness.store().stats().shadowsUsed() > 0) {
            owners.forEach(each -> each.stuck = false); // so small a device has few of them
        }
        int choice = random.nextInt(1000);
        int fragments = owner.client.fragments();
        long lpa = random.nextInt(LPAS);
        int first = random.nextInt(fragments);
        int count = 1;
        switch (random.nextInt(8)) {
            case 0 -> count = 1 + random.nextInt(fragments - first);
            case 1 -> {
                first = 0;
                count = fragments;
            }
            case 2 -> {
                first = first / 8 * 8;
                count = Math.min(fragments - first, 8 << random.nextInt(4));
            }
            case 3 -> count = Math.min(fragments - first, 1 + random.nextInt(4));
            default -> {}
        }
        if (choice < 990 && overlaps(owner, lpa, first, first + count)) {
            return;
        }
        if (choice < 550) {
            long version = owner.nextVersion();
            submit(owner, owner.client.writeCall(lpa, first, count, version), lpa, first, version);
        } else if (choice < 680) {
            long version = owner.nextVersion();
            Call call = owner.client.unmapCall(lpa, first, count, version);
            call.request.dropsOthers = random.nextInt(2) == 0 && surelyHasAPage(owner, lpa);
            submit(owner, call, lpa, first, version);
        } else if (choice < 730) {
            beginReplace(owner, lpa, first, count);
        } else if (choice < 880) {
            Call call = owner.client.readCall(FragmentOp.READ, lpa, first, count, 0);
            submit(owner, call, lpa, first, -1L);
        } else if (choice < 930) {
            long version =
                    random.nextInt(4) == 0
                            ? owner.sentWatermark
                            : owner.sentWatermark + random.nextInt(10);
            Call call = owner.client.readCall(FragmentOp.READ_AT, lpa, first, count, version);
            submit(owner, call, lpa, first, version);
        } else if (choice < 980) {
            Call call = owner.client.call(FragmentOp.COMMIT, 0, 0, 0);
            submit(owner, call, -1, 0, owner.client.watermark);
        } else if (choice < 985 && pending.stream().noneMatch(p -> p.owner == owner)) {
            Call call = owner.client.call(FragmentOp.DELETE, 0, 0, 0);
            submit(owner, call, -1, 0, 0);
        } else if (choice < 992) {
            letPass(200);
        }
    }

    /** Else such an unmap need not leave anything. */
    private boolean surelyHasAPage(Owner owner, long lpa) {
        int fragments = owner.client.fragments();
        if (overlaps(owner, lpa, 0, fragments)) {
            return false;
        }
        for (int i = 0; i < fragments; i++) {
            var newest = owner.model.at(owner.client.address(lpa, i)).lastEntry();
            if (newest != null && !newest.getValue()) {
                return true;
            }
        }
        return false;
    }

    private boolean overlaps(Owner owner, long lpa, int from, int to) {
        return pending.stream().anyMatch(p -> p.meets(owner, lpa, from, to));
    }

    private void submit(Owner owner, Call call, long lpa, int first, long version) {
        if (crashed) {
            owner.unfinished.remove(version);
            return;
        }
        pending.add(new Pending(owner, call, lpa, first, call.request.count, version));
        harness.submit(call);
    }

    private void beginReplace(Owner owner, long lpa, int first, int count) {
        Call call = owner.client.replaceCall(lpa, first, count);
        long version = owner.nextVersion();
        Pending replace = new Pending(owner, call, lpa, first, count, version);
        boolean moves = random.nextInt(3) == 0; // as a chunk that is filled: nothing but data
        for (int i = 0; i < count; i++) {
            int flags =
                    switch (moves ? 4 : random.nextInt(5)) {
                        case 0 -> FragmentFormat.TOMBSTONE;
                        case 1 -> FragmentFormat.ABSENT;
                        default -> 0;
                    };
            replace.replaceFlags[i] = flags;
            replace.replaceVersions[i] = flags == FragmentFormat.ABSENT ? 0 : version;
            owner.client.put(
                    call,
                    i,
                    owner.client.address(lpa, first + i),
                    replace.replaceVersions[i],
                    flags);
        }
        pending.add(replace);
        harness.submit(call);
    }

    private void harvest() {
        for (Pending done : List.copyOf(pending)) {
            if (done.call.isDone()) {
                pending.remove(done);
                finished(done);
            }
        }
    }

    private void finished(Pending done) {
        IoStatus status = done.call.status;
        if (status == IoStatus.NO_SPACE) {
            assert done.op() == FragmentOp.WRITE || done.op() == FragmentOp.REPLACE : done.op();
            done.owner.unfinished.remove(done.version);
            return;
        }
        assert status == IoStatus.OK : done.op() + " " + status;
        switch (done.op()) {
            case READ, READ_AT -> checkRead(done);
            case COMMIT -> {
                if (Version.isNewer(done.version, done.owner.ackedWatermark)) {
                    done.owner.ackedWatermark = done.version;
                }
            }
            default -> apply(done);
        }
        done.owner.unfinished.remove(done.version);
    }

    private void apply(Pending change) {
        if (change.op() == FragmentOp.DELETE) {
            change.owner.model.clear();
            change.owner.ackedWatermark = 0;
            return;
        }
        for (int i = 0; i < change.count; i++) {
            long address = change.owner.client.address(change.lpa, change.first + i);
            VuidModel.Versions versions = change.owner.model.at(address);
            if (change.op() == FragmentOp.REPLACE || change.dropsOthers()) {
                versions.clear();
            }
            if (change.op() == FragmentOp.REPLACE) {
                if (change.replaceFlags[i] != FragmentFormat.ABSENT) {
                    versions.put(
                            change.replaceVersions[i],
                            change.replaceFlags[i] == FragmentFormat.TOMBSTONE);
                }
            } else {
                versions.put(change.version, change.op() == FragmentOp.UNMAP);
            }
        }
    }

    private void checkRead(Pending read) {
        for (int i = 0; i < read.count; i++) {
            long address = read.owner.client.address(read.lpa, read.first + i);
            long checked = StoreClient.checked(read.call, i, address);
            VuidModel model = read.owner.model;
            boolean right =
                    read.owner.isPassed(address, read.version)
                            ? model.hasHeld(address, read.version, checked)
                            : model.allows(
                                    address, read.version, read.owner.sentWatermark, checked);
            assert right
                    : "%s of %x at %s returned %s, model %s, W %s"
                            .formatted(
                                    read.op(),
                                    address,
                                    Version.toString(read.version),
                                    describe(checked),
                                    read.owner.model.at(address),
                                    Version.toString(read.owner.sentWatermark));
        }
    }

    private static String describe(long checked) {
        if (checked <= -10) {
            return "tombstone " + Version.toString(-10 - checked);
        }
        return checked <= 0 ? String.valueOf(checked) : Version.toString(checked);
    }

    private void crash() {
        harness.disk.observe(null);
        if (!crashed) {
            if (random.nextInt(3) == 0) {
                harness.host.kill();
            } else {
                harness.host.powerCut();
            }
        }
        crashed = false;
        crashes++;
        harvest();
        pending.removeIf(p -> !p.isChange());
        harness.restartHost();
    }

    /** Recovery may be cut short, too, several times. */
    private void recover() {
        while (random.nextInt(3) == 0) {
            int[] left = {random.nextInt(40)};
            boolean[] cut = {false};
            harness.disk.observe((kind, offset, length) -> {
                if (left[0]-- == 0) {
                    cut[0] = true;
                    if (random.nextInt(4) == 0) {
                        harness.host.kill();
                    } else {
                        harness.host.powerCut();
                    }
                }
            });
            harness.beginOpen();
            harness.simulation().runUntil(() -> cut[0] || harness.isOpen(), 10_000_000_000L);
            harness.disk.observe(null);
            if (!cut[0]) {
                harness.host.powerCut();
            }
            crashes++;
            harness.restartHost();
        }
        harness.open();
        for (Owner owner : owners) {
            owner.client.epoch++;
            owner.stuck = false;
            long durable = owner.client.attach();
            boolean deleting =
                    pending.stream().anyMatch(p -> p.owner == owner && p.op() == FragmentOp.DELETE);
            assert Version.isNewer(owner.sentWatermark, durable) || owner.sentWatermark == durable
                    : "watermark from nowhere";
            assert deleting
                            || Version.isNewer(durable, owner.ackedWatermark)
                            || durable == owner.ackedWatermark
                    : "watermark lost";
            owner.sequence = 0;
        }
        for (Pending open : List.copyOf(pending)) {
            resolve(open);
        }
        pending.clear();
        checkAll();
        owners.forEach(owner -> owner.unfinished.clear());
    }

    /** Took the change effect or not? Either is right, but wholly. */
    private void resolve(Pending open) {
        Set<Boolean> outcomes = new HashSet<>();
        if (open.op() == FragmentOp.DELETE) {
            outcomes.add(open.owner.client.list(0, 1000).isEmpty());
        } else if (open.op() == FragmentOp.REPLACE) {
            resolveReplace(open, outcomes);
        } else {
            Call call = open.owner.client.readAt(open.lpa, open.first, open.count, open.version);
            for (int i = 0; i < open.count; i++) {
                outcomes.add(call.version(i) == open.version);
            }
        }
        assert outcomes.size() <= 1 : open.op() + " took effect in part";
        if (outcomes.contains(true)) {
            apply(open);
        }
        if (open.op() != FragmentOp.DELETE) {
            rewrite(open);
        }
    }

    private void resolveReplace(Pending open, Set<Boolean> outcomes) {
        Call call = open.owner.client.read(open.lpa, open.first, open.count);
        for (int i = 0; i < open.count; i++) {
            if (open.replaceFlags[i] != FragmentFormat.ABSENT) {
                outcomes.add(call.version(i) == open.version);
            } else {
                long address = open.owner.client.address(open.lpa, open.first + i);
                if (!open.owner.model.allows(
                        address,
                        -1L,
                        open.owner.sentWatermark,
                        StoreClient.checked(call, i, address))) {
                    outcomes.add(true);
                }
            }
        }
    }

    /** Rule 2: the blocks are written again, under a newer version. */
    private void rewrite(Pending open) {
        Owner owner = open.owner;
        long version = owner.nextVersion();
        owner.client.watermark = owner.sentWatermark;
        IoStatus status = owner.client.unmap(open.lpa, open.first, open.count, version);
        assert status == IoStatus.OK : status;
        for (int i = 0; i < open.count; i++) {
            owner.model.at(owner.client.address(open.lpa, open.first + i)).put(version, true);
        }
    }

    /** A stuck write ends some time; until then others may wait for room. */
    private void endStuckWrites() {
        for (Owner owner : owners) {
            owner.stuck = false;
            owner.updateWatermark();
            if (pending.stream().noneMatch(p -> p.owner == owner && p.op() == FragmentOp.DELETE)) {
                Call call = owner.client.call(FragmentOp.COMMIT, 0, 0, 0);
                submit(owner, call, -1, 0, owner.client.watermark);
            }
        }
    }

    private void settle() {
        endStuckWrites();
        if (!crashed) {
            boolean done =
                    harness.simulation()
                            .runUntil(
                                    () ->
                                            crashed
                                                    || pending.stream()
                                                            .allMatch(p -> p.call.isDone()),
                                    20_000_000_000L);
            assert done
                    : "commands hang: "
                            + pending.stream()
                                    .filter(p -> !p.call.isDone())
                                    .map(p ->
                                            p.op()
                                                    + " "
                                                    + p.owner.client.vuid
                                                    + " "
                                                    + p.lpa
                                                    + ":"
                                                    + p.first
                                                    + "+"
                                                    + p.count)
                                    .toList()
                            + harness.store().stats();
        }
        if (crashed) {
            crash();
            recover();
        }
        harness.disk.observe(null);
        harvest();
    }

    private void checkAll() {
        for (Owner owner : owners) {
            Set<Listed> expected = new HashSet<>();
            for (long address : owner.model.addresses()) {
                owner.model
                        .at(address)
                        .tailMap(owner.sentWatermark, false)
                        .forEach((v, tomb) -> expected.add(new Listed(address, v, tomb)));
            }
            List<Listed> listed = owner.client.list(owner.sentWatermark, 40 + random.nextInt(2000));
            assert listed.size() == new HashSet<>(listed).size();
            assert expected.equals(new HashSet<>(listed))
                    : difference(expected, new HashSet<>(listed));
            checkGroups(owner, listed);
            for (long lpa = 0; lpa < LPAS; lpa++) {
                checkPage(owner, lpa);
            }
        }
    }

    private void checkGroups(Owner owner, List<Listed> all) {
        SplittableRandom choice = new SplittableRandom(owner.sentWatermark + all.size());
        long first = choice.nextInt(LPAS);
        int chunks = 1 + choice.nextInt(5);
        long groups = choice.nextLong();
        List<Listed> expected = new ArrayList<>();
        for (Listed one : all) {
            long chunk = DeviceAddress.lpa(one.address(), owner.client.pageShift) - first;
            if (chunk >= 0 && (groups >>> chunk / chunks & 1) != 0) {
                expected.add(one);
            }
        }
        assert expected.equals(
                owner.client.listGroups(owner.sentWatermark, 1 << 14, first, chunks, groups));
    }

    private static String difference(Set<Listed> expected, Set<Listed> listed) {
        Set<Listed> missing = new HashSet<>(expected);
        missing.removeAll(listed);
        Set<Listed> surplus = new HashSet<>(listed);
        surplus.removeAll(expected);
        return "LIST lacks " + missing + " and has " + surplus;
    }

    private void checkPage(Owner owner, long lpa) {
        Call call = owner.client.read(lpa, 0, owner.client.fragments());
        for (int i = 0; i < owner.client.fragments(); i++) {
            long address = owner.client.address(lpa, i);
            long checked = StoreClient.checked(call, i, address);
            assert owner.model.allows(address, -1L, owner.sentWatermark, checked)
                    : "fragment %d of page %d reads %s, model %s, W %s"
                            .formatted(
                                    i,
                                    lpa,
                                    describe(checked),
                                    owner.model.at(address),
                                    Version.toString(owner.sentWatermark));
        }
    }
}

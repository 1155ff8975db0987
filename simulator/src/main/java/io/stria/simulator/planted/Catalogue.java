package io.stria.simulator.planted;

import static io.stria.simulator.planted.Patch.begins;
import static io.stria.simulator.planted.Patch.call;
import static io.stria.simulator.planted.Patch.constant;
import static io.stria.simulator.planted.Patch.doesNothing;
import static io.stria.simulator.planted.Patch.field;
import static io.stria.simulator.planted.Patch.insteadOfCall;
import static io.stria.simulator.planted.Patch.jump;
import static io.stria.simulator.planted.Patch.noCall;
import static io.stria.simulator.planted.Patch.noJump;
import static io.stria.simulator.planted.Patch.noSet;
import static io.stria.simulator.planted.Patch.reads;
import static io.stria.simulator.planted.Patch.returns;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;

/** All planted bugs, by the rule of docs/correctness.md that each of them breaks. */
final class Catalogue {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final ClassDesc STATUS = ClassDesc.of("io.stria.dataplane.device.IoStatus");

    private Catalogue() {}

    static List<PlantedBug> all() {
        List<PlantedBug> all = new ArrayList<>();
        all.addAll(leases());
        all.addAll(epochs());
        all.addAll(restarts());
        all.addAll(writing());
        all.addAll(versions());
        all.addAll(stores());
        all.addAll(reading());
        all.addAll(takingOver());
        all.addAll(comingBack());
        all.addAll(space());
        return all;
    }

    private static PlantedBug bug(String rule, String name) {
        return PlantedBug.of(rule, name);
    }

    private static PlantedBug aimed(String rule, String name) {
        return PlantedBug.of(rule, name).by(PlantedBug.Catcher.AIMED_RUNS);
    }

    /** Of what a write leaves behind that has not ended when everything stops. */
    private static PlantedBug unfinished(String rule, String name) {
        return PlantedBug.of(rule, name)
                .by(PlantedBug.Catcher.POWER_CUTS, PlantedBug.Catcher.AIMED_RUNS);
    }

    /** Of what random and aimed faults both meet. */
    private static PlantedBug any(String rule, String name) {
        return PlantedBug.of(rule, name)
                .by(PlantedBug.Catcher.AIMED_RUNS, PlantedBug.Catcher.RANDOM_RUNS);
    }

    /** Of what an owner makes of fragments that are not what they should be. */
    private static PlantedBug owner(String rule, String name) {
        return PlantedBug.of(rule, name)
                .by(PlantedBug.Catcher.OWNER_RUNS, PlantedBug.Catcher.AIMED_RUNS);
    }

    /** Of a store that was not there. */
    private static PlantedBug returning(String rule, String name) {
        return PlantedBug.of(rule, name).by(PlantedBug.Catcher.RETURNS);
    }

    /** Of what is decided about a store that comes back. */
    private static PlantedBug late(String rule, String name) {
        return PlantedBug.of(rule, name).by(PlantedBug.Catcher.LATE_PROPOSALS);
    }

    private static PlantedBug cut(String rule, String name) {
        return PlantedBug.of(rule, name).by(PlantedBug.Catcher.POWER_CUTS);
    }

    private static List<PlantedBug> space() {
        return List.of(
                bug("space", "pages that hold tombstones alone are never wiped")
                        .sample()
                        .in("dataplane.store.PageMerge", "queueIfDead", call("isHomeVoid", false)),
                bug("space", "pages that hold nothing wait until somebody writes something else")
                        .in("dataplane.store.MergePolicy", "doPagesWaitForTail", returns(false)),
                bug("space", "stores keep what they have of a deleted volume")
                        .in("dataplane.node.DeviceStore", "retainVolumes", doesNothing()),
                bug("space", "a store that has no lease then keeps a deleted volume")
                        .in("dataplane.node.DeviceStore", "attached", noSet("dropping")));
    }

    private static List<PlantedBug> leases() {
        return List.of(
                aimed("leases", "an owner goes on when its lease has ended")
                        .in("dataplane.node.DataNode", "holdsLease", noJump(1))
                        .in("dataplane.node.DataNode", "checkLease", noJump(0)),
                aimed("leases", "a store goes on when its lease has ended")
                        .in("dataplane.node.DeviceStore", "followLease", noJump(1)),
                aimed("leases", "a store does not compare its lease with the clock at each command")
                        .in("dataplane.node.DeviceStore", "submit", noCall("followLease")),
                aimed("leases", "an owner does not compare its lease when it answers")
                        .in(
                                "dataplane.volume.HostRequests",
                                "answered",
                                call("getAsBoolean", true)),
                aimed("leases", "a node counts its lease longer than the leader does")
                        .sample()
                        .in(
                                "control.lease.NodeAgent",
                                "onRenewed",
                                call("leaseNs", 20 * SECOND_NS)),
                aimed("leases", "a leader counts a lease shorter than it is")
                        .sample()
                        .in("control.lease.LeaseConfig", "longestNs", returns(SECOND_NS / 2))
                        .in("control.lease.LeaseConfig", "patienceNs", returns(SECOND_NS / 2)),
                aimed("leases", "a leader leaves no time for drift")
                        .in("control.lease.LeaseConfig", "longestNs", field("driftNs", 0L)),
                aimed("leases", "a lease is granted to a node with an old map")
                        .in("control.lease.Coordinator", "answerRenewals", noJump(4)),
                aimed("leases", "a leader grants leases though no majority follows it")
                        .in("control.lease.MajorityContact", "since", returns(true)),
                aimed("leases", "a new leader does not wait for its predecessor's leases")
                        .in("control.lease.Coordinator", "enterTerm", call("longestNs", 0L)),
                aimed("leases", "a voter does not remember when it confirmed the leader before")
                        .in("control.lease.Confirmations", "confirm", noSet("lastNs")),
                aimed("leases", "a node that stands still counts as one that has ended")
                        .in("control.lease.ControlNode", "standsStill", begins(Catalogue::attest)),
                aimed("leases", "a lease is granted while the node is being declared down")
                        .by(PlantedBug.Catcher.LATE_RETURNS)
                        .in("control.lease.Member", "downProposed", noSet("barred")));
    }

    /** With the arguments of the method, and of whoever is to hear that it was taken. */
    private static void attest(CodeBuilder code) {
        ClassDesc nobody = ClassDesc.of("java.util.stream.Stream$Builder");
        code.aload(0)
                .iload(1)
                .lload(2)
                .lload(4)
                .invokestatic(
                        ClassDesc.of("java.util.stream.Stream"),
                        "builder",
                        MethodTypeDesc.of(nobody),
                        true)
                .invokevirtual(
                        ClassDesc.of("io.stria.control.lease.ControlNode"),
                        "attestEnded",
                        MethodTypeDesc.of(
                                ConstantDescs.CD_void,
                                ConstantDescs.CD_int,
                                ConstantDescs.CD_long,
                                ConstantDescs.CD_long,
                                ClassDesc.of("java.util.function.Consumer")));
    }

    private static List<PlantedBug> epochs() {
        return List.of(
                aimed("epochs", "an epoch counts as in force at once")
                        .in("control.lease.Member", "leaseGone", returns(true)),
                aimed("epochs", "an owner begins before its epoch is in force")
                        .in("dataplane.node.ServedVolume", "follow", noSet("epochSinceMap")),
                aimed("epochs", "a start of an owner does not raise the volume's epoch")
                        .sample()
                        .in(
                                "clustermap.VolumeEntry",
                                "withOwner(ILjava/util/List;)Lio/stria/clustermap/VolumeEntry;",
                                constant(1, 0, 0)),
                aimed("epochs", "a store says that it has applied a map, and does not refuse")
                        .in("dataplane.store.Barriers", "onVolumeEpoch", noSet("epoch")),
                aimed("epochs", "a store says that it has applied a map before commands have ended")
                        .in(
                                "dataplane.store.Barriers",
                                "onVolumeEpoch",
                                begins(code ->
                                        code.aload(3)
                                                .invokeinterface(
                                                        ClassDesc.of("java.lang.Runnable"),
                                                        "run",
                                                        MethodTypeDesc.of(ConstantDescs.CD_void)))),
                aimed("epochs", "the fence is skipped: commands of old epochs are executed")
                        .in("dataplane.store.ChunkStore", "refusal", noJump(4))
                        .in("dataplane.store.ChunkStore", "refusal", jump(6))
                        .in("dataplane.store.StoreOp", "isFenced", returns(false)),
                aimed("epochs", "an owner goes on when the map names another")
                        .in("dataplane.node.ServedVolumes", "follow", noCall("stopOwner")));
    }

    private static List<PlantedBug> restarts() {
        return List.of(
                aimed("restarts", "an owner begins without a lease, on its predecessor's map")
                        .in("dataplane.node.DataNode", "startOwners", call("holdsLease", true)),
                aimed("restarts", "a restarted node goes on with its volume epoch")
                        .sample()
                        .in("control.decisions.NodeRules", "register", noCall("startOwners")),
                aimed("restarts", "another process of the node counts as the one that has ended")
                        .in("control.lease.Incarnation", "sameProcess", returns(true)),
                aimed("restarts", "a store opens its device while the dead process still writes")
                        .in("simulator.ChunkStores", "open", constant(1, 0, 0)));
    }

    private static List<PlantedBug> writing() {
        return List.of(
                bug("1", "a write is acknowledged two locations early")
                        .sample()
                        .in("dataplane.volume.WriteOp", "advance", call("mayMiss", true)),
                bug("1", "a write is acknowledged one location early")
                        .in("dataplane.volume.WriteOp", "advance", call("mayMiss", true))
                        .in("dataplane.volume.WriteOp", "advance", constant(2, 1, 1)),
                any("1", "three chunks of a page may be behind")
                        .in("control.decisions.BehindRule", "allows", returns(true))
                        .in("dataplane.volume.WriteOp", "advance", constant(2, 1, 3)),
                bug("1", "two writes of a block run at a time")
                        .by(PlantedBug.Catcher.SMALL_BLOCKS)
                        .in("dataplane.volume.WriteOp", "exclusive", returns(false)),
                bug("1", "two writes share a version")
                        .in("dataplane.volume.Watermark", "nextVersion", constant(1L, 0, 0L)),
                any("2", "an unfinished write is given up when its host has gone")
                        .in("dataplane.volume.WriteOp", "advance", begins(Catalogue::finishAlone)),
                bug("2", "the block is unlocked before its write has ended")
                        .sample()
                        .in("dataplane.volume.WriteOp", "start", begins(Catalogue::release))
                        .in("dataplane.volume.WriteOp", "finish", noCall("release")),
                owner("2", "what a store has no room for is not written again")
                        .in("dataplane.volume.WriteOp", "noRoomOn", begins(Catalogue::finishNow)));
    }

    /** {@code if (listener == null && begun && !finished) { finish(); return; }} */
    private static void finishAlone(CodeBuilder code) {
        ClassDesc listener = ClassDesc.of("io.stria.dataplane.volume.WriteOp$Listener");
        code.block(block -> {
            block.aload(0)
                    .getfield(
                            ClassDesc.of("io.stria.dataplane.volume.WriteOp"), "listener", listener)
                    .ifnonnull(block.breakLabel());
            finishNow(block);
        });
    }

    /** {@code if (begun && !finished) { finish(); return; }} */
    private static void finishNow(CodeBuilder code) {
        ClassDesc owner = ClassDesc.of("io.stria.dataplane.volume.WriteOp");
        code.block(block ->
                block.aload(0)
                        .getfield(owner, "begun", ConstantDescs.CD_boolean)
                        .ifeq(block.breakLabel())
                        .aload(0)
                        .getfield(owner, "finished", ConstantDescs.CD_boolean)
                        .ifne(block.breakLabel())
                        .aload(0)
                        .invokevirtual(owner, "finish", MethodTypeDesc.of(ConstantDescs.CD_void))
                        .return_());
    }

    /** {@code owner.locks().release(this);} */
    private static void release(CodeBuilder code) {
        ClassDesc op = ClassDesc.of("io.stria.dataplane.volume.WriteOp");
        ClassDesc owner = ClassDesc.of("io.stria.dataplane.volume.VolumeOwner");
        ClassDesc locks = ClassDesc.of("io.stria.dataplane.volume.RangeLocks");
        code.aload(0)
                .getfield(op, "owner", owner)
                .invokevirtual(owner, "locks", MethodTypeDesc.of(locks))
                .aload(0)
                .invokevirtual(
                        locks,
                        "release",
                        MethodTypeDesc.of(
                                ConstantDescs.CD_void,
                                ClassDesc.of("io.stria.dataplane.volume.StripeOp")));
    }

    private static List<PlantedBug> versions() {
        return List.of(
                unfinished("3", "a store keeps only the newest version")
                        .in("dataplane.store.RecordApplier", "durable", returns(-1L)),
                returning("3", "a version above the watermark goes home over the one below")
                        .in("dataplane.store.PageMerge", "start", reads("committed", "durable")),
                unfinished("3", "the watermark runs ahead of writes that have not ended")
                        .in(
                                "dataplane.volume.Watermark",
                                "committed",
                                begins(Catalogue::newestVersion)),
                unfinished("3", "a watermark is announced before the take-over is complete")
                        .in("dataplane.volume.Watermark", "committed", jump(0)),
                unfinished("3", "a watermark is durable before its fragments")
                        .redundantBecause(
                                "an owner announces only what every store in sync has durably"
                                        + " (rule 1), and to one that is behind nothing (rule 9)")
                        .in("dataplane.store.VuidState", "mayCommit", returns(true)),
                returning("4", "a tombstone is dropped before it is committed")
                        .in("dataplane.store.VuidState", "forgettable", returns(-1L)),
                returning("4", "tombstones are dropped while a slot is behind")
                        .in("dataplane.volume.StoreLinks", "allInSync", returns(true)),
                unfinished("4", "an unmap is not sent to stores that are behind")
                        .in("dataplane.volume.StoreLink", "takesWrites", field("syncing", false)));
    }

    /** {@code if (open) return Version.of(epoch, lastSequence);} */
    private static void newestVersion(CodeBuilder code) {
        ClassDesc owner = ClassDesc.of("io.stria.dataplane.volume.Watermark");
        code.block(block ->
                block.aload(0)
                        .getfield(owner, "open", ConstantDescs.CD_boolean)
                        .ifeq(block.breakLabel())
                        .aload(0)
                        .getfield(owner, "lastSequence", ConstantDescs.CD_long)
                        .lconst_0()
                        .lcmp()
                        .ifeq(block.breakLabel())
                        .aload(0)
                        .getfield(owner, "epoch", ConstantDescs.CD_int)
                        .aload(0)
                        .getfield(owner, "lastSequence", ConstantDescs.CD_long)
                        .invokestatic(
                                ClassDesc.of("io.stria.dataplane.device.Version"),
                                "of",
                                MethodTypeDesc.of(
                                        ConstantDescs.CD_long,
                                        ConstantDescs.CD_int,
                                        ConstantDescs.CD_long))
                        .lreturn());
    }

    private static List<PlantedBug> stores() {
        return List.of(
                cut("stores", "a batch of the journal is answered before it is durable")
                        .sample()
                        .in("dataplane.store.GroupCommit", "seal", constant(1, 1, 0)),
                cut("stores", "a page becomes live before its data is durable")
                        .sample()
                        .in("dataplane.store.HomeWrites", "start", constant(1, 2, 0)),
                cut("stores", "the journal lets go of what is not durable at home yet")
                        .sample()
                        .in("dataplane.store.Merger", "flush", jump(2)),
                cut("stores", "recovery drops the newest batch")
                        .sample()
                        .in("dataplane.store.RingScan", "run", call("isWhole", false)),
                cut("stores", "recovery takes a torn batch for whole")
                        .in("dataplane.store.RingScan", "run", call("isWhole", true)),
                cut("stores", "a page is given out again at once")
                        .in("dataplane.store.PageAllocator", "release", noJump(2)),
                cut("stores", "a page is given out before its header is blank")
                        .in(
                                "dataplane.store.PageMerge",
                                "wipe",
                                insteadOfCall("writeHeader", Catalogue::wrote)),
                cut("stores", "the epoch is forgotten at a restart")
                        .redundantBecause(
                                "a store executes nothing before its node has a lease, which is"
                                        + " given when the node has applied the newest map, and"
                                        + " that tells the store the epoch")
                        .in("dataplane.store.RecordApplier", "watermark", noSet("epoch")),
                cut("stores", "the watermark is forgotten at a restart")
                        .redundantBecause(
                                "a store whose watermark lags is compared from there before it"
                                        + " votes (rule 9), and what lies above the highest one is"
                                        + " decided and written again (rules 7 and 8)")
                        .in("dataplane.store.RecordApplier", "watermark", noSet("durable")),
                bug("stores", "checksums are not checked")
                        .in("dataplane.volume.StripeCodec", "isWhole", returns(true))
                        .in("dataplane.store.Reads", "copyHome", jump(5)),
                bug("stores", "the address in a header is not compared")
                        .in("dataplane.store.PageHeader", "isValid", noJump(2)));
    }

    /** {@code wrote = true;} */
    private static void wrote(CodeBuilder code) {
        code.aload(0)
                .iconst_1()
                .putfield(
                        ClassDesc.of("io.stria.dataplane.store.PageMerge"),
                        "wrote",
                        ConstantDescs.CD_boolean);
    }

    private static List<PlantedBug> reading() {
        return List.of(
                owner("5", "a block is answered without n fragments of a version")
                        .in(
                                "dataplane.volume.StripeFindings",
                                "settle",
                                reads("DATA", "TOO_FEW_ANSWERS")),
                owner("5", "that a block was never written is believed from n")
                        .in("dataplane.volume.StripeFindings", "judge", noJump(6)),
                owner("5", "that a block was never written is believed from one")
                        .in("dataplane.volume.SyncOp", "wordsForAbsence", returns(1))
                        .in("dataplane.volume.StripeFindings", "settle", call("dataFragments", 1)),
                returning("5", "a slot that is behind is read")
                        .in(
                                "dataplane.volume.StoreLink",
                                "isReadable",
                                insteadOfCall("isTrusted", Catalogue::isAttached))
                        .in("dataplane.volume.StoreLink", "isReadable", call("isBehind", false)),
                bug("5", "a hedged read takes what has come")
                        .by(PlantedBug.Catcher.HEDGES)
                        .in(
                                "dataplane.volume.StripeReader",
                                "isEnough",
                                insteadOfCall("judge", Catalogue::judgedWell)),
                owner("5", "a store that a read has given up goes on writing to its memory")
                        .by(PlantedBug.Catcher.HEDGES)
                        .in("dataplane.volume.StripeReader", "abandon", noSet("direct")),
                owner("5", "reads do not wait for a write of the block")
                        .in("dataplane.volume.RangeLocks", "conflicts", jump(2)));
    }

    /** {@code judge() | true} */
    private static void judgedWell(CodeBuilder code) {
        code.aload(0)
                .invokevirtual(
                        ClassDesc.of("io.stria.dataplane.volume.StripeReader"),
                        "judge",
                        MethodTypeDesc.of(ConstantDescs.CD_boolean))
                .pop()
                .iconst_1();
    }

    /** {@code isAttached()} */
    private static void isAttached(CodeBuilder code) {
        code.aload(0)
                .invokevirtual(
                        ClassDesc.of("io.stria.dataplane.volume.StoreLink"),
                        "isAttached",
                        MethodTypeDesc.of(ConstantDescs.CD_boolean));
    }

    private static List<PlantedBug> takingOver() {
        return List.of(
                returning("6", "commands of an old association are executed")
                        .in("dataplane.store.ChunkStore", "refusal", jump(6))
                        .in("dataplane.store.StoreOp", "isFenced", jump(1)),
                aimed("6", "commands that wait are not dropped when a newer owner attaches")
                        .redundantBecause(
                                "an attach ends when all older commands have: they are executed"
                                        + " before it, which only takes longer")
                        .in("dataplane.store.StoreOp", "isFenced", returns(false)),
                unfinished("7", "the new owner does not wait for silent stores")
                        .in("dataplane.volume.TakeOver", "advance", call("allTrusted", true))
                        .in("dataplane.volume.DecideOp", "haveAllVoted", returns(true)),
                unfinished("7", "the vote of a slot that is behind counts")
                        .in(
                                "dataplane.volume.StoreLink",
                                "isReadable",
                                insteadOfCall("isTrusted", Catalogue::isAttached))
                        .in("dataplane.volume.StoreLink", "isReadable", call("isBehind", false)),
                unfinished("7", "what is above the watermark is not looked at")
                        .in("dataplane.volume.TakeOver", "beginDeciding", call("addAll", true)),
                unfinished("7", "the take-over goes back to what is committed")
                        .in(
                                "dataplane.volume.DecideOp",
                                "decide",
                                constant(-1L, 0, Catalogue::inherited)),
                returning("7", "an older version is chosen though more than two are silent")
                        .in("dataplane.volume.DecideOp", "tryOlder", jump(0)),
                unfinished("7", "the new owner serves before it has decided")
                        .in("dataplane.volume.TakeOver", "isDone", returns(true)),
                unfinished("8", "the choice is not written again")
                        .in("dataplane.volume.DecideOp", "onRead", begins(Catalogue::decidedNow)));
    }

    /** {@code owner.watermark().inherited()} */
    private static void inherited(CodeBuilder code) {
        ClassDesc owner = ClassDesc.of("io.stria.dataplane.volume.VolumeOwner");
        ClassDesc watermark = ClassDesc.of("io.stria.dataplane.volume.Watermark");
        code.aload(0)
                .getfield(ClassDesc.of("io.stria.dataplane.volume.DecideOp"), "owner", owner)
                .invokevirtual(owner, "watermark", MethodTypeDesc.of(watermark))
                .invokevirtual(watermark, "inherited", MethodTypeDesc.of(ConstantDescs.CD_long));
    }

    /** {@code listener.onDecided(this, IoStatus.OK); return;} */
    private static void decidedNow(CodeBuilder code) {
        ClassDesc op = ClassDesc.of("io.stria.dataplane.volume.DecideOp");
        ClassDesc listener = ClassDesc.of("io.stria.dataplane.volume.DecideOp$Listener");
        code.aload(0)
                .getfield(op, "listener", listener)
                .aload(0)
                .getstatic(STATUS, "OK", STATUS)
                .invokeinterface(
                        listener, "onDecided", MethodTypeDesc.of(ConstantDescs.CD_void, op, STATUS))
                .return_();
    }

    private static List<PlantedBug> comingBack() {
        return List.of(
                returning("9", "a slot is called in sync without a comparison")
                        .in("dataplane.volume.CatchUp", "advance", field("compared", true)),
                returning("9", "what the returner itself holds is not compared")
                        .by(PlantedBug.Catcher.RETURNS, PlantedBug.Catcher.POWER_CUTS)
                        .in("dataplane.volume.CatchUp", "beginWindow", jump(2)),
                returning("9", "blocks are compared without their locks")
                        .in("dataplane.volume.SyncOp", "begin", constant(0, 0, 1))
                        .in(
                                "dataplane.volume.SyncOp",
                                "begin",
                                insteadOfCall("acquire", Catalogue::granted)),
                late("9", "a late proposal of in sync is accepted")
                        .in("control.decisions.SyncRules", "markInSync", jump(1)),
                late("9", "a mark is not renewed when the node comes back")
                        .in("control.decisions.Draft", "renewMarks", doesNothing()),
                returning("9", "a slot that is behind is told the watermark")
                        .in(
                                "dataplane.volume.StoreLink",
                                "watermarkToSend",
                                call("isBehind", false))
                        .in(
                                "dataplane.volume.StoreLink",
                                "watermarkToSend",
                                field("trusted", true)),
                returning("9", "in sync is proposed while writes still drop versions there")
                        .in("dataplane.volume.CatchUp", "proposeWhenKept", field("dropping", 0)),
                returning("9", "writes are acknowledged without a slot that was called in sync")
                        .in("dataplane.volume.StoreLink", "mayMiss", noJump(1)),
                returning("9", "a slot that is marked keeps its association")
                        .in("dataplane.volume.StoreLink", "mark", noCall("detach")),
                returning(
                                "9",
                                "a comparison that has failed is begun again in the same association")
                        .in("dataplane.volume.Maintenance", "tendCatchUp", noCall("detach")),
                returning("9", "a slot is caught up though of some page nobody is left who knows")
                        .in(
                                "dataplane.volume.StoreLinks",
                                "enoughAreSound",
                                call("dataFragments", Integer.MAX_VALUE)),
                returning("9", "blocks of writes that wait for a store that is gone are left out")
                        .in("dataplane.volume.CatchUp", "passLocked", call("contains", true)),
                returning("9", "below a write that waits is put what it writes itself")
                        .in("dataplane.volume.SyncOp", "onLocked", field("below", 0L)),
                returning("9", "versions are dropped on a slot though one that has them is gone")
                        .in("dataplane.volume.StoreLink", "dropsVersions", call("areSound", true)),
                bug("9", "a watermark that rises in a take-over has nobody compared anew")
                        .by(PlantedBug.Catcher.ROLL_BACKS)
                        .sample()
                        .in(
                                "dataplane.volume.VolumeOwner",
                                "inheritWatermarks",
                                noCall("distrustThoseThatLag")),
                bug(
                                "9",
                                "what was answered before such a comparison, or by some only, decides a block")
                        .by(PlantedBug.Catcher.ROLL_BACKS)
                        .in("dataplane.volume.DecideOp", "onRead", jump(0)),
                returning("9", "what is newer on the returner stays")
                        .in("dataplane.store.RecordApplier", "replace", noCall("dropAll")));
    }

    /** {@code granted();} */
    private static void granted(CodeBuilder code) {
        code.aload(0)
                .invokevirtual(
                        ClassDesc.of("io.stria.dataplane.volume.SyncOp"),
                        "granted",
                        MethodTypeDesc.of(ConstantDescs.CD_void));
    }
}

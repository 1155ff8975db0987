package io.stria.control.consensus;

import static java.util.Objects.requireNonNull;

import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decider;
import io.stria.control.decisions.DecisionCodec;
import io.stria.control.decisions.Result;
import io.stria.runtime.Durable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.AtomicFileOutputStream;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * Ratis's state machine around {@link Decider}. Entries are applied by one thread of Ratis's; the
 * state is an immutable value that any thread may read.
 */
final class ReplicatedState extends BaseStateMachine {
    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
    private final FailStop failStop;
    private final Runnable changed;
    private volatile ClusterState state = ClusterState.empty();
    // Before Ratis has named them nothing arrives and no snapshot is taken.
    private volatile @Nullable Path arriving;
    private volatile @Nullable Path snapshots;

    /**
     * @param changed runs after every entry and for every leader, on a thread of Ratis's
     */
    ReplicatedState(FailStop failStop, Runnable changed) {
        this.failStop = failStop;
        this.changed = changed;
    }

    ClusterState state() {
        return state;
    }

    /**
     * Ratis refuses every later entry, and goes on as if nothing were the matter. Comes before the
     * first of them is refused, on the thread that writes the log.
     */
    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto failedEntry) {
        failStop.fail("its log has failed (" + cause + ")");
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage)
            throws IOException {
        super.initialize(server, groupId, raftStorage);
        storage.init(raftStorage);
        arriving = raftStorage.getStorageDir().getTmpDir().toPath();
        snapshots = raftStorage.getStorageDir().getStateMachineDir().toPath();
        start(storage.getLatestSnapshot());
    }

    /**
     * Another voter's snapshot has arrived and is about to be put in the place of this one's, which
     * Ratis deletes then, with the entries that it holds. Ratis does not make it durable. A second
     * time, if the first one could not be put in its place.
     */
    @Override
    public void pause() {
        try {
            Durable.forceAll(requireNonNull(arriving));
        } catch (IOException e) {
            failStop.fail("a snapshot could not be made durable (" + e + ")");
            throw new UncheckedIOException(e);
        }
        if (getLifeCycleState() == LifeCycle.State.PAUSED) {
            return;
        }
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        start(storage.loadLatestSnapshot());
    }

    private void start(@Nullable SingleFileSnapshotInfo snapshot) throws IOException {
        getLifeCycle().transition(LifeCycle.State.STARTING);
        load(snapshot);
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    private void load(@Nullable SingleFileSnapshotInfo snapshot) throws IOException {
        if (snapshot == null) {
            return;
        }
        File file = snapshot.getFile().getPath().toFile();
        MD5Hash stored = snapshot.getFile().getFileDigest();
        if (stored != null) {
            MD5FileUtil.verifySavedMD5(file, stored);
        }
        state = DecisionCodec.decodeState(Files.readAllBytes(file.toPath()));
        setLastAppliedTermIndex(snapshot.getTermIndex());
        changed.run();
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
        Result result;
        try {
            Decider.Step step = Decider.apply(state, DecisionCodec.decodeDecision(bytes));
            state = step.state();
            result = step.result();
        } catch (IOException e) {
            // The same on every voter, so it decides nothing everywhere.
            result =
                    new Result(
                            Result.Outcome.INVALID,
                            state.map().epoch(),
                            String.valueOf(e.getMessage()));
        }
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        changed.run();
        return CompletableFuture.completedFuture(
                Message.valueOf(ByteString.copyFrom(DecisionCodec.encode(result))));
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        changed.run();
    }

    @Override
    public void notifyLeaderReady() {
        changed.run();
    }

    @Override
    public long takeSnapshot() throws IOException {
        // Ratis calls it between two entries, on the thread that applies them.
        TermIndex last = getLastAppliedTermIndex();
        File file = storage.getSnapshotFile(last.getTerm(), last.getIndex());
        write(file, DecisionCodec.encode(state));
        MD5Hash digest = MD5FileUtil.computeAndSaveMd5ForFile(file);
        // Its name, and the checksum's: the entries that it holds are deleted next.
        Durable.force(requireNonNull(snapshots));
        storage.updateLatestSnapshot(
                new SingleFileSnapshotInfo(new FileInfo(file.toPath(), digest), last));
        return last.getIndex();
    }

    /** Closed, the stream would put what there was room for in the file's place. */
    private static void write(File file, byte[] bytes) throws IOException {
        AtomicFileOutputStream out = new AtomicFileOutputStream(file);
        try {
            out.write(bytes);
        } catch (IOException e) {
            out.abort();
            throw e;
        }
        out.close();
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    @Override
    public @Nullable SingleFileSnapshotInfo getLatestSnapshot() {
        return storage.getLatestSnapshot();
    }
}

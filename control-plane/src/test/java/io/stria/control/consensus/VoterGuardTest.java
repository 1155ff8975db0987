package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A voter whose disk stands still, behind its guard. */
class VoterGuardTest {
    private static final RequestVoteRequestProto ASKED =
            RequestVoteRequestProto.newBuilder()
                    .setCandidateTerm(7)
                    .setServerRequest(
                            RaftRpcRequestProto.newBuilder()
                                    .setRaftGroupId(
                                            ProtoUtils.toRaftGroupIdProtoBuilder(
                                                    RaftGroupId.randomId())))
                    .build();

    private final ArrayDeque<CompletableFuture<AppendEntriesReplyProto>> inRatis =
            new ArrayDeque<>();
    private final RaftServer ratis =
            (RaftServer)
                    Proxy.newProxyInstance(
                            RaftServer.class.getClassLoader(),
                            new Class<?>[] {RaftServer.class},
                            (proxy, method, arguments) -> {
                                if (!method.getName().equals("appendEntriesAsync")) {
                                    throw new IOException("came through: " + method.getName());
                                }
                                CompletableFuture<AppendEntriesReplyProto> reply =
                                        new CompletableFuture<>();
                                inRatis.addLast(reply);
                                return reply;
                            });
    private final KeptVote keptVote = new KeptVote();
    private final RaftServer guarded = VoterGuard.around(ratis, new FailStop(() -> {}), keptVote);

    private CompletableFuture<AppendEntriesReplyProto> append() throws IOException {
        return guarded.appendEntriesAsync(
                AppendEntriesRequestProto.newBuilder()
                        .addEntries(LogEntryProto.getDefaultInstance())
                        .build());
    }

    private void answerOne() {
        inRatis.removeFirst()
                .complete(
                        AppendEntriesReplyProto.newBuilder()
                                .setResult(AppendResult.INCONSISTENCY)
                                .build());
    }

    /** A leader sends again what is not answered, and all of it would stay in memory. */
    @Test
    void keepsSomeRequestsAndRefusesMore() throws IOException {
        List<CompletableFuture<AppendEntriesReplyProto>> replies = new ArrayList<>();
        for (int i = 0; i < VoterGuard.WAITING_MAX; i++) {
            replies.add(append());
        }
        assertTrue(append().isCompletedExceptionally());
        assertTrue(append().isCompletedExceptionally());
        for (CompletableFuture<AppendEntriesReplyProto> reply : replies) {
            assertFalse(reply.isDone());
            assertEquals(1, inRatis.size(), "one at a time");
            answerOne();
            assertTrue(reply.isDone());
        }
        assertFalse(append().isDone());
        assertEquals(1, inRatis.size());
    }

    /** A vote whose place in the directory power could take back is not told. */
    @Test
    void tellsAVoteOnlyWhenItIsDurable(@TempDir Path root) throws IOException {
        FailStop failStop = new FailStop(() -> {});
        RaftServer voter = VoterGuard.around(voterThatSays(true, root), failStop, keptVote);
        assertThrows(IOException.class, () -> voter.requestVote(ASKED), "there is no directory");
        assertTrue(String.valueOf(failStop.reason()).contains("vote could not be made durable"));
        assertThrows(IOException.class, () -> voter.requestVote(ASKED), "it has failed");
        assertEquals(0, keptVote.term());

        Files.createDirectory(root.resolve(RaftStorageDirectory.CURRENT_DIR_NAME));
        RaftServer other =
                VoterGuard.around(voterThatSays(true, root), new FailStop(() -> {}), keptVote);
        assertTrue(other.requestVote(ASKED).getServerReply().getSuccess());
        assertEquals(7, keptVote.term());
    }

    @Test
    void refusesAVoteWithoutAskingTheDisk(@TempDir Path root) throws IOException {
        RaftServer voter =
                VoterGuard.around(voterThatSays(false, root), new FailStop(() -> {}), keptVote);
        assertFalse(voter.requestVote(ASKED).getServerReply().getSuccess());
    }

    /** Nothing is written for it, and an election would wait for the disk once more. */
    @Test
    void saysWhatItWouldVoteWithoutAskingTheDisk(@TempDir Path root) throws IOException {
        RaftServer voter =
                VoterGuard.around(voterThatSays(true, root), new FailStop(() -> {}), keptVote);
        RequestVoteRequestProto before = ASKED.toBuilder().setPreVote(true).build();
        assertTrue(voter.requestVote(before).getServerReply().getSuccess());
        assertEquals(0, keptVote.term(), "it is no vote");
        assertThrows(IOException.class, () -> voter.requestVote(ASKED), "there is no directory");
    }

    /** Which keeps its vote below that directory. */
    private static RaftServer voterThatSays(boolean yes, Path root) {
        RaftStorage storage = proxy(RaftStorage.class, Map.of("getStorageDir", directoryAt(root)));
        RaftServer.Division division =
                proxy(RaftServer.Division.class, Map.of("getRaftStorage", storage));
        RequestVoteReplyProto reply =
                RequestVoteReplyProto.newBuilder()
                        .setServerReply(RaftRpcReplyProto.newBuilder().setSuccess(yes))
                        .build();
        return proxy(RaftServer.class, Map.of("requestVote", reply, "getDivision", division));
    }

    private static RaftStorageDirectory directoryAt(Path root) {
        return new RaftStorageDirectory() {
            @Override
            public File getRoot() {
                return root.toFile();
            }

            @Override
            public boolean isHealthy() {
                return true;
            }
        };
    }

    private static <T> T proxy(Class<T> type, Map<String, Object> answers) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> {
                            Object answer = answers.get(method.getName());
                            if (answer == null) {
                                throw new IOException("came through: " + method.getName());
                            }
                            return answer;
                        }));
    }

    /** It would throw away those that wait, and nobody would ever be answered again. */
    @Test
    void letsASnapshotInOnlyWhenNothingWaits() throws IOException {
        InstallSnapshotRequestProto last =
                InstallSnapshotRequestProto.newBuilder()
                        .setSnapshotChunk(SnapshotChunkProto.newBuilder().setDone(true))
                        .build();
        CompletableFuture<AppendEntriesReplyProto> waiting = append();
        IOException refused = assertThrows(IOException.class, () -> guarded.installSnapshot(last));
        assertTrue(String.valueOf(refused.getMessage()).contains("entries under way"));
        answerOne();
        assertTrue(waiting.isDone());
        IOException passed = assertThrows(IOException.class, () -> guarded.installSnapshot(last));
        assertEquals("came through: installSnapshot", passed.getMessage());
    }
}

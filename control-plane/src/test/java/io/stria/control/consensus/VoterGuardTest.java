package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.junit.jupiter.api.Test;

/** A voter whose disk stands still, behind its guard. */
class VoterGuardTest {
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
    private final RaftServer guarded = VoterGuard.around(ratis, new FailStop(() -> {}));

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

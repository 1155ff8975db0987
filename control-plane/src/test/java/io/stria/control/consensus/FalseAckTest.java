package io.stria.control.consensus;

import static io.stria.control.consensus.PlayedLeader.at;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A follower whose disk is slow, while the leader changes. What it says that it has, it has: asked
 * for it in a heartbeat, as the place that the leader's next entry would follow, it knows it.
 */
@Timeout(300)
class FalseAckTest {
    private static final int QUIET_MS = 120_000;

    @TempDir Path directory;

    private static AppendEntriesReplyProto await(CompletableFuture<AppendEntriesReplyProto> reply)
            throws Exception {
        return reply.get(60, TimeUnit.SECONDS);
    }

    /** Two entries of term 1 wait for the disk when a leader of term 2 sends those. */
    private void whatIsAcknowledgedIsThere(TermIndex... entries) throws Exception {
        // Released before that voter is closed, which waits for its log.
        try (RatisTrio trio = new RatisTrio(directory, QUIET_MS);
                SlowLog slow = new SlowLog(2)) {
            trio.start(2, true);
            try (PlayedLeader first = new PlayedLeader(trio, 1, 1, 2);
                    PlayedLeader second = new PlayedLeader(trio, 3, 2, 2)) {
                var unused0 = first.send(null, at(1, 0));
                var unused1 = first.send(at(1, 0), at(1, 1));
                await(first.send(null));
                CompletableFuture<AppendEntriesReplyProto> answer = second.send(at(1, 0), entries);
                // Answered without the disk, after what came before it has arrived.
                await(second.send(null));
                slow.release();
                AppendEntriesReplyProto reply = await(answer);
                TermIndex last = entries[entries.length - 1];
                assertEquals(AppendResult.SUCCESS, reply.getResult());
                assertEquals(last.getIndex(), reply.getMatchIndex());
                assertEquals(AppendResult.SUCCESS, await(second.send(last)).getResult());
            }
        }
    }

    @Test
    void anEntryOfAnotherTermIsNotTakenForTheOneThatIsBeingWritten() throws Exception {
        whatIsAcknowledgedIsThere(at(2, 1));
    }

    @Test
    void norAreMoreEntriesForTheFirstOfThem() throws Exception {
        whatIsAcknowledgedIsThere(at(1, 1), at(2, 2), at(2, 3));
    }
}

package io.stria.control.consensus;

import io.stria.runtime.Durable;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.server.protocol.RaftServerProtocol;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.util.ProtoUtils;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the network and a voter: what other voters ask it comes through here, and what it
 * answers to a leader's entries and to candidates. Called by gRPC's threads; answers come on
 * Ratis's.
 *
 * <p>Ratis (3.3.0) takes entries that arrive while others are being written for the same ones if
 * they begin at the same index, whatever their terms and however many they are, and says that it
 * has them when the older ones are written. So only one leader's request with entries is in Ratis's
 * hands at a time; the next waits until it has been answered, which costs nothing, since Ratis
 * writes them one after the other anyway. Heartbeats pass. Of what waits, some requests are kept
 * and no more: a leader sends all of it again every few seconds, for as long as a disk stands
 * still.
 *
 * <p>One that has failed answers nobody ({@link FailStop}).
 */
final class VoterGuard implements InvocationHandler {
    /** Of a megabyte at most, each. */
    static final int WAITING_MAX = 16;

    private final RaftServer server;
    private final FailStop failStop;
    private final KeptVote keptVote;
    private final AtomicInteger unanswered = new AtomicInteger();

    /** Done when the newest request with entries has been answered; never fails. */
    private final AtomicReference<CompletableFuture<@Nullable Void>> answered =
            new AtomicReference<>(CompletableFuture.completedFuture(null));

    private VoterGuard(RaftServer server, FailStop failStop, KeptVote keptVote) {
        this.server = server;
        this.failStop = failStop;
        this.keptVote = keptVote;
    }

    static RaftServer around(RaftServer server, FailStop failStop, KeptVote keptVote) {
        return (RaftServer)
                Proxy.newProxyInstance(
                        RaftServer.class.getClassLoader(),
                        new Class<?>[] {RaftServer.class},
                        new VoterGuard(server, failStop, keptVote));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        Class<?> asker = method.getDeclaringClass();
        if (asker == RaftServerProtocol.class || asker == RaftServerAsynchronousProtocol.class) {
            mustWork();
        }
        if (method.getName().equals("appendEntriesAsync")
                && arguments != null
                && arguments[0] instanceof AppendEntriesRequestProto request
                && request.getEntriesCount() != 0) {
            return append(request);
        }
        try {
            if (arguments != null
                    && arguments[0] instanceof InstallSnapshotRequestProto request
                    && request.getSnapshotChunk().getDone()) {
                return install(request, method, arguments);
            }
            if (arguments != null && arguments[0] instanceof RequestVoteRequestProto request) {
                return vote(request);
            }
            return method.invoke(server, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /**
     * Not while entries are being written: Ratis forgets those that wait for their turn then, and
     * whoever waits for these waits for ever, and takes no others.
     */
    private @Nullable Object install(
            InstallSnapshotRequestProto request, Method method, Object[] arguments)
            throws IOException, ReflectiveOperationException {
        if (unanswered.get() != 0) {
            throw new IOException("a snapshot cannot take the place of entries under way");
        }
        Object answer = method.invoke(server, arguments);
        try {
            keepSnapshot(request);
        } catch (IOException e) {
            failStop.fail("a snapshot could not be made durable: " + e.getMessage());
            throw e;
        }
        return answer;
    }

    /**
     * Ratis has renamed the file with the vote into its place and synced no directory: power that
     * fails now could bring the old one back, and this voter would vote once more in the term. What
     * it would vote, asked before an election, changes neither term nor vote, and nothing is
     * written for it.
     */
    private RequestVoteReplyProto vote(RequestVoteRequestProto request) throws IOException {
        RequestVoteReplyProto reply = server.requestVote(request);
        if (reply.getServerReply().getSuccess() && !request.getPreVote()) {
            try {
                Durable.force(storage(request.getServerRequest()).getCurrentDir().toPath());
                keptVote.isDurable(request.getCandidateTerm());
            } catch (IOException e) {
                failStop.fail("a vote could not be made durable: " + e.getMessage());
                throw e;
            }
        }
        return reply;
    }

    private void mustWork() throws IOException {
        String failure = failStop.reason();
        if (failure != null) {
            throw new IOException("this voter takes part in nothing any more: " + failure);
        }
    }

    /** Its bytes are durable, since before it was put into its place; its place is not yet. */
    private void keepSnapshot(InstallSnapshotRequestProto request) throws IOException {
        RaftStorageDirectory directory = storage(request.getServerRequest());
        Durable.force(directory.getStateMachineDir().toPath());
        Durable.force(directory.getRoot().toPath());
    }

    private CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request) {
        if (unanswered.incrementAndGet() > WAITING_MAX) {
            unanswered.decrementAndGet();
            return CompletableFuture.failedFuture(
                    new IOException(WAITING_MAX + " requests wait for this voter's disk"));
        }
        CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
        CompletableFuture<AppendEntriesReplyProto> reply =
                answered.getAndSet(mine)
                        .thenCompose(before -> pass(request))
                        .thenApply(said -> checked(request, said));
        reply.whenComplete((said, failure) -> {
            unanswered.decrementAndGet();
            mine.complete(null);
        });
        return reply;
    }

    private CompletableFuture<AppendEntriesReplyProto> pass(AppendEntriesRequestProto request) {
        try {
            return server.appendEntriesAsync(request);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Nothing is said to be kept that this voter's log does not have on its disk. Of a log that has
     * failed nothing is known; it has been told before Ratis ignores the first entry.
     */
    private AppendEntriesReplyProto checked(
            AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
        LogEntryProto last = request.getEntries(request.getEntriesCount() - 1);
        try {
            mustWork();
            if (reply.getResult() == AppendResult.SUCCESS && !has(request, last)) {
                TermIndex place = TermIndex.valueOf(last);
                throw new IOException("entry " + place + " is not in the log, as Ratis says");
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
        return reply;
    }

    private RaftStorageDirectory storage(RaftRpcRequestProto request) throws IOException {
        return division(request).getRaftStorage().getStorageDir();
    }

    private RaftServer.Division division(RaftRpcRequestProto request) throws IOException {
        return server.getDivision(ProtoUtils.toRaftGroupId(request.getRaftGroupId()));
    }

    private boolean has(AppendEntriesRequestProto request, LogEntryProto entry) throws IOException {
        RaftLog log = division(request.getServerRequest()).getRaftLog();
        // What a snapshot holds has been decided, and may have gone from the log since.
        return log.getSnapshotIndex() >= entry.getIndex()
                || (log.getFlushIndex() >= entry.getIndex()
                        && TermIndex.valueOf(entry).equals(log.getTermIndex(entry.getIndex())));
    }
}

package io.stria.control.consensus;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.ProtoUtils;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the network and a voter: what other voters ask it comes through here, and what it
 * answers to a leader's entries. Called by gRPC's threads; answers come on Ratis's.
 *
 * <p>Ratis (3.3.0) takes entries that arrive while others are being written for the same ones if
 * they begin at the same index, whatever their terms and however many they are, and says that it
 * has them when the older ones are written. So only one leader's request with entries is in Ratis's
 * hands at a time; the next waits until it has been answered, which costs nothing, since Ratis
 * writes them one after the other anyway. Heartbeats pass.
 */
final class VoterGuard implements InvocationHandler {
    private final RaftServer server;

    /** Done when the newest request with entries has been answered; never fails. */
    private final AtomicReference<CompletableFuture<@Nullable Void>> answered =
            new AtomicReference<>(CompletableFuture.completedFuture(null));

    private VoterGuard(RaftServer server) {
        this.server = server;
    }

    static RaftServer around(RaftServer server) {
        return (RaftServer)
                Proxy.newProxyInstance(
                        RaftServer.class.getClassLoader(),
                        new Class<?>[] {RaftServer.class},
                        new VoterGuard(server));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        if (method.getName().equals("appendEntriesAsync")
                && arguments != null
                && arguments[0] instanceof AppendEntriesRequestProto request
                && request.getEntriesCount() != 0) {
            return append(request);
        }
        try {
            return method.invoke(server, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request) {
        CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
        CompletableFuture<AppendEntriesReplyProto> reply =
                answered.getAndSet(mine)
                        .thenCompose(before -> pass(request))
                        .thenApply(said -> checked(request, said));
        reply.whenComplete((said, failure) -> mine.complete(null));
        return reply;
    }

    private CompletableFuture<AppendEntriesReplyProto> pass(AppendEntriesRequestProto request) {
        try {
            return server.appendEntriesAsync(request);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Nothing is said to be kept that this voter's log does not have on its disk. */
    private AppendEntriesReplyProto checked(
            AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
        LogEntryProto last = request.getEntries(request.getEntriesCount() - 1);
        if (reply.getResult() == AppendResult.SUCCESS && !has(request, last)) {
            throw new CompletionException(
                    new IOException(
                            "the log does not have entry "
                                    + TermIndex.valueOf(last)
                                    + ", which Ratis says it has"));
        }
        return reply;
    }

    private boolean has(AppendEntriesRequestProto request, LogEntryProto entry) {
        RaftLog log;
        try {
            log =
                    server.getDivision(
                                    ProtoUtils.toRaftGroupId(
                                            request.getServerRequest().getRaftGroupId()))
                            .getRaftLog();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
        // What a snapshot holds has been decided, and may have gone from the log since.
        return log.getSnapshotIndex() >= entry.getIndex()
                || (log.getFlushIndex() >= entry.getIndex()
                        && TermIndex.valueOf(entry).equals(log.getTermIndex(entry.getIndex())));
    }
}

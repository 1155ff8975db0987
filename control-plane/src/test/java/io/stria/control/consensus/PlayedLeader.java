package io.stria.control.consensus;

import io.stria.control.security.MemberIdentity;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.grpc.GrpcUtil;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.apache.ratis.util.ProtoUtils;
import org.jspecify.annotations.Nullable;

/** A leader of one term as one follower sees it: the test says what it sends. */
final class PlayedLeader implements AutoCloseable {
    private static final AtomicLong CALLS = new AtomicLong();

    private final RaftRpcRequestProto.Builder header;
    private final long term;
    private final ManagedChannel channel;
    private final StreamObserver<AppendEntriesRequestProto> requests;
    private final Map<Long, CompletableFuture<AppendEntriesReplyProto>> awaited =
            new ConcurrentHashMap<>();

    PlayedLeader(RatisTrio trio, int id, long term, int follower) throws IOException {
        this.term = term;
        header =
                RaftRpcRequestProto.newBuilder()
                        .setRequestorId(RaftPeerId.valueOf("n" + id).toByteString())
                        .setReplyId(RaftPeerId.valueOf("n" + follower).toByteString())
                        .setRaftGroupId(
                                ProtoUtils.toRaftGroupIdProtoBuilder(
                                        RaftGroupId.valueOf(trio.clusterId)));
        MemberIdentity identity = MemberIdentity.of(trio.secret, "node-" + id, "127.0.0.1");
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", trio.voters.get(follower - 1).port())
                        .sslContext(GrpcUtil.buildSslContextForClient(RatisLog.tls(identity)))
                        .build();
        requests = RaftServerProtocolServiceGrpc.newStub(channel).appendEntries(new Replies());
    }

    private final class Replies implements StreamObserver<AppendEntriesReplyProto> {
        @Override
        public void onNext(AppendEntriesReplyProto reply) {
            CompletableFuture<AppendEntriesReplyProto> call =
                    awaited.remove(reply.getServerReply().getCallId());
            if (call != null) {
                call.complete(reply);
            }
        }

        @Override
        public void onError(Throwable failure) {
            awaited.values().forEach(call -> call.completeExceptionally(failure));
        }

        @Override
        public void onCompleted() {
            onError(new IOException("the follower has ended the stream"));
        }
    }

    static TermIndex at(long term, long index) {
        return TermIndex.valueOf(term, index);
    }

    /** A heartbeat, if there are no entries. */
    CompletableFuture<AppendEntriesReplyProto> send(
            @Nullable TermIndex previous, TermIndex... entries) {
        long call = CALLS.incrementAndGet();
        List<LogEntryProto> protos = Arrays.stream(entries).map(PlayedLeader::entry).toList();
        AppendEntriesRequestProto.Builder request =
                AppendEntriesRequestProto.newBuilder()
                        .setServerRequest(header.setCallId(call))
                        .setLeaderTerm(term)
                        .setLeaderCommit(-1)
                        .addAllEntries(protos);
        if (previous != null) {
            request.setPreviousLog(previous.toProto());
        }
        CompletableFuture<AppendEntriesReplyProto> reply = new CompletableFuture<>();
        awaited.put(call, reply);
        requests.onNext(request.build());
        return reply;
    }

    private static LogEntryProto entry(TermIndex place) {
        return LogEntryProto.newBuilder()
                .setTerm(place.getTerm())
                .setIndex(place.getIndex())
                .setStateMachineLogEntry(
                        StateMachineLogEntryProto.newBuilder()
                                .setLogData(ByteString.copyFromUtf8("played " + place)))
                .build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}

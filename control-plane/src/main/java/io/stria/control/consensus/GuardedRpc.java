package io.stria.control.consensus;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;

/** Ratis's gRPC with a {@link VoterGuard} behind it. Ratis makes it, by its name. */
final class GuardedRpc implements RpcType {
    @Override
    public String name() {
        return GuardedRpc.class.getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        FailStop failStop = FailStop.in(parameters);
        KeptVote vote = KeptVote.in(parameters);
        return new GrpcFactory(parameters) {
            @Override
            public GrpcServices newRaftServerRpc(RaftServer server) {
                return super.newRaftServerRpc(VoterGuard.around(server, failStop, vote));
            }
        };
    }
}

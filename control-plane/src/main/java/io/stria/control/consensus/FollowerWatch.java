package io.stria.control.consensus;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.jspecify.annotations.Nullable;

/**
 * Which followers answer while this voter leads, so that its log says why it led no longer: Ratis
 * forgets that with the term. Polled by the control thread.
 */
final class FollowerWatch {
    private static final System.Logger LOG = System.getLogger(FollowerWatch.class.getName());
    private static final long LOOK_EVERY_NS = 100_000_000L;

    private List<ServerRpcProto> seen = List.of();
    private long seenNs;

    /** Of the term that this voter leads, 0 for none. */
    private long term;

    /**
     * How long ago that follower has answered this leader; {@link Long#MAX_VALUE} if this voter
     * does not lead, or does not know it.
     */
    static long silenceMs(DivisionInfo info, RaftPeerId follower) {
        return answers(info).stream()
                .filter(each -> each.getId().getId().equals(follower.toByteString()))
                .mapToLong(ServerRpcProto::getLastRpcElapsedTimeMs)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    private static List<ServerRpcProto> answers(DivisionInfo info) {
        return info.getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
    }

    void poll(DivisionInfo info, long nowNs) {
        long leads = info.isLeader() ? info.getCurrentTerm() : 0;
        if (term != 0 && leads != term) {
            tellOfEnd(info, nowNs);
        }
        if (leads != 0 && (leads != term || nowNs - seenNs >= LOOK_EVERY_NS)) {
            seen = answers(info);
            seenNs = nowNs;
        }
        term = leads;
    }

    private void tellOfEnd(DivisionInfo info, long nowNs) {
        RaftPeerId leader = info.getLeaderId();
        LOG.log(
                System.Logger.Level.INFO,
                "this voter leads term {0} no longer. Others had last answered: {1}. Now {2}, term"
                        + " {3}",
                String.valueOf(term),
                seen.stream()
                        .map(each -> told(each, (nowNs - seenNs) / 1_000_000))
                        .collect(Collectors.joining(", ")),
                leads(leader),
                String.valueOf(info.getCurrentTerm()));
    }

    private static String leads(@Nullable RaftPeerId leader) {
        return leader == null ? "nobody is known to lead" : leader + " leads";
    }

    private static String told(ServerRpcProto follower, long sinceMs) {
        return "%s %d ms before"
                .formatted(
                        follower.getId().getId().toStringUtf8(),
                        follower.getLastRpcElapsedTimeMs() + sinceMs);
    }
}

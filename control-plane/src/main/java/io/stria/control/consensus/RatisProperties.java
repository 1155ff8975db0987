package io.stria.control.consensus;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * Ratis's settings: small buffers and few threads for a small log, and patience for slow machines.
 */
final class RatisProperties {
    private RatisProperties() {}

    static RaftProperties of(ConsensusConfig config) {
        RaftProperties properties = new RaftProperties();
        network(properties, config);
        times(properties, config);
        log(properties, config);
        threads(properties);
        return properties;
    }

    private static void network(RaftProperties properties, ConsensusConfig config) {
        RaftConfigKeys.Rpc.setType(properties, new GuardedRpc());
        GrpcConfigKeys.Server.setHost(properties, config.self().address());
        GrpcConfigKeys.Server.setPort(properties, config.self().port());
        GrpcConfigKeys.Server.setBossGroupSize(properties, 1);
        GrpcConfigKeys.Server.setWorkerGroupSize(properties, 1);
        GrpcConfigKeys.Server.setStubPoolSize(properties, 1);
        GrpcConfigKeys.setFlowControlWindow(properties, SizeInBytes.valueOf("1MB"));
        GrpcConfigKeys.setMessageSizeMax(properties, SizeInBytes.valueOf("8MB"));
        GrpcConfigKeys.setUseEpoll(properties, false);
        // Entries are small: heartbeats need no connection of their own.
        GrpcConfigKeys.Server.setHeartbeatChannel(properties, false);
    }

    private static void times(RaftProperties properties, ConsensusConfig config) {
        TimeDuration min = millis(config.electionMinMs());
        TimeDuration max = millis(config.electionMaxMs());
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, min);
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, max);
        // Voters that start together on a busy machine: far apart, or they vote against each other.
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
                properties, millis(config.electionMinMs() / 2));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
                properties, millis(config.electionMaxMs() * 2));
        // A leader that has lost its majority lets others stand first, and no longer: it may be the
        // one that has all entries. One whose process stood still for so long ceases to lead.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, max);
        // A process that stood still for a minute goes on as a follower; it must not go away.
        RaftServerConfigKeys.setCloseThreshold(
                properties, TimeDuration.valueOf(365, TimeUnit.DAYS));
        RaftServerConfigKeys.setSleepDeviationThreshold(properties, millis(2_000));
        RaftServerConfigKeys.RetryCache.setExpiryTime(properties, millis(60_000));
    }

    private static void log(RaftProperties properties, ConsensusConfig config) {
        RaftServerConfigKeys.setStorageDir(properties, List.of(config.directory().toFile()));
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("4MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("256KB"));
        RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf("1MB"));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        RaftServerConfigKeys.Log.setPurgeGap(properties, config.snapshotEvery());
        // A follower that is back is not left alone for seconds because it was away for long.
        RaftServerConfigKeys.Log.Appender.setRetryPolicy(
                properties, "1ms,10, 200ms," + Integer.MAX_VALUE);
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(
                properties, SizeInBytes.valueOf("1000KB"));
        // Below the size of messages that the transport takes.
        RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(
                properties, SizeInBytes.valueOf("4MB"));
        RaftServerConfigKeys.Log.setQueueByteLimit(properties, SizeInBytes.valueOf("2MB"));
        // Also what lets the end of a log be told from damage: one entry is not on disk at most.
        RaftServerConfigKeys.Log.setForceSyncNum(properties, 1);
        RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("8MB"));
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, config.snapshotEvery());
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 2);
    }

    private static void threads(RaftProperties properties) {
        RaftServerConfigKeys.ThreadPool.setProxyCached(properties, true);
        RaftServerConfigKeys.ThreadPool.setProxySize(properties, 2);
        RaftServerConfigKeys.ThreadPool.setServerCached(properties, true);
        RaftServerConfigKeys.ThreadPool.setServerSize(properties, 2);
        RaftServerConfigKeys.ThreadPool.setClientCached(properties, true);
        RaftServerConfigKeys.ThreadPool.setClientSize(properties, 2);
        GrpcConfigKeys.Server.setAsyncRequestThreadPoolCached(properties, true);
        GrpcConfigKeys.Server.setAsyncRequestThreadPoolSize(properties, 2);
    }

    private static TimeDuration millis(int value) {
        return TimeDuration.valueOf(value, TimeUnit.MILLISECONDS);
    }
}

package io.stria.control.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.internal.serialization.Data;
import com.hazelcast.internal.serialization.SerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
import com.hazelcast.map.IMap;
import com.hazelcast.nio.serialization.HazelcastSerializationException;
import com.hazelcast.spi.exception.RetryableHazelcastException;
import com.hazelcast.spi.exception.WrongTargetException;
import io.stria.control.TestCluster;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import java.io.EOFException;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterBusTest {
    @TempDir Path directory;

    @Test
    void membersThatStartAtOnceFindEachOtherAndTalk() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3, true)) {
            List<ClusterBus> buses = new ArrayList<>();
            try {
                for (int id = 1; id <= 3; id++) {
                    buses.add(ClusterBus.startLater(cluster.config(id, true), 0));
                }
                TestCluster.await(() -> buses.stream().allMatch(bus -> bus.members() == 3));
                aMessageGetsThrough(buses.get(0), buses.get(2));
                anExceptionIsAnAnswer(buses.get(1));
            } finally {
                buses.forEach(ClusterBus::close);
            }
        }
    }

    private static void aMessageGetsThrough(ClusterBus from, ClusterBus to) throws Exception {
        Vertx sender = Objects.requireNonNull(from.vertx());
        Vertx receiver = Objects.requireNonNull(to.vertx());
        receiver.eventBus()
                .<String>consumer("greetings")
                .handler(message -> message.reply(message.body() + " to you"))
                .completion()
                .await();
        // The subscription gets to the other members in its own time.
        TestCluster.await(() -> greeting(sender).equals("hello to you"));
    }

    private static String greeting(Vertx sender) {
        return sender.eventBus()
                .<String>request("greetings", "hello")
                .map(Message::body)
                .otherwise("")
                .await();
    }

    /** The member that holds the lock's partition refuses with an exception. */
    private static void anExceptionIsAnAnswer(ClusterBus bus) throws Exception {
        HazelcastInstance asker = Objects.requireNonNull(bus.hazelcast());
        // Partitions get to other members in their own time.
        TestCluster.await(() -> keyElsewhere(asker).isPresent());
        String key = keyElsewhere(asker).orElseThrow();
        IMap<String, String> map = asker.getMap("locks");
        assertThrows(IllegalMonitorStateException.class, () -> map.unlock(key));
    }

    private static Optional<String> keyElsewhere(HazelcastInstance asker) {
        return IntStream.range(0, 1000)
                .mapToObj(Integer::toString)
                .filter(candidate -> isElsewhere(asker, candidate))
                .findFirst();
    }

    private static boolean isElsewhere(HazelcastInstance asker, String key) {
        Member owner = asker.getPartitionService().getPartition(key).getOwner();
        return owner != null && !owner.localMember();
    }

    @Test
    void exceptionsAreReadWithTheirCausesAndOnesSuppressed() {
        SerializationService service = service();
        List<Exception> causes =
                List.of(
                        new ConnectException("refused"),
                        new TimeoutException(),
                        new UncheckedIOException(new EOFException()),
                        new ExecutionException(new NotSerializableException("x")),
                        new CancellationException(),
                        new WrongTargetException("not here"),
                        new ClosedChannelException());
        for (Exception cause : causes) {
            Exception sent = new RetryableHazelcastException("again", cause);
            sent.addSuppressed(new IllegalStateException("beside it"));
            Exception read = service.toObject(service.toData(sent));
            assertEquals(cause.toString(), String.valueOf(read.getCause()));
            assertEquals("beside it", read.getSuppressed()[0].getMessage());
            assertEquals(sent.getStackTrace().length, read.getStackTrace().length);
        }
    }

    @Test
    void otherClassesAreNotMadeOfWhatAMemberSends() {
        SerializationService service = service();
        Data stranger = service.toData(new Properties());
        assertThrows(HazelcastSerializationException.class, () -> service.toObject(stranger));
    }

    private static SerializationService service() {
        return new DefaultSerializationServiceBuilder()
                .setConfig(BusConfig.serialization())
                .build();
    }

    @Test
    void nothingLooksForOthersOrCallsHome() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3, true)) {
            Config config = BusConfig.of(cluster.config(2, true));
            JoinConfig join = config.getNetworkConfig().getJoin();
            assertFalse(join.getMulticastConfig().isEnabled());
            assertFalse(join.getAutoDetectionConfig().isEnabled());
            assertFalse(join.getKubernetesConfig().isEnabled());
            assertFalse(join.getAwsConfig().isEnabled());
            assertEquals(3, join.getTcpIpConfig().getMembers().size());
            assertEquals("false", config.getProperty("hazelcast.phone.home.enabled"));
            assertEquals(
                    List.of("127.0.0.1"),
                    List.copyOf(config.getNetworkConfig().getInterfaces().getInterfaces()));
            assertEquals(cluster.clusterId.toString(), config.getClusterName());
        }
    }
}

package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.node.StoreService;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An owner loses its way to a store for so long that it makes a new connection, and its kernel goes
 * on with the bytes of the old one: among them that it attaches.
 */
@Timeout(120)
class LateAttachTest {
    private static final long CUT_MS = 6_500;

    /** Retransmissions come 6.2 and 12.6 seconds after the first loss. */
    private static final long LATE_MS = 8_000;

    private final Map<UUID, Long> newest = new HashMap<>();
    private long attached;
    private long fencedOfNewest;

    /** Counts what a store refuses of the newest association that has ever asked for anything. */
    private final Seams counting =
            new Seams() {
                @Override
                public StoreService store(int nodeId, UUID deviceId, StoreService store) {
                    return (StoreService)
                            Proxy.newProxyInstance(
                                    StoreService.class.getClassLoader(),
                                    new Class<?>[] {StoreService.class},
                                    (proxy, method, arguments) -> {
                                        if (method.getName().equals("submit")) {
                                            count(deviceId, (FragmentRequest) arguments[0]);
                                        }
                                        try {
                                            return method.invoke(store, arguments);
                                        } catch (InvocationTargetException e) {
                                            throw e.getCause();
                                        }
                                    });
                }
            };

    private void count(UUID deviceId, FragmentRequest request) {
        boolean attaches = request.op == FragmentOp.ATTACH;
        boolean isNewest =
                newest.merge(deviceId, request.association, Math::max) == request.association;
        if (!isNewest || request.association == RuleWatch.NO_OWNER) {
            return;
        }
        FragmentRequest.Completion completion = request.completion;
        request.completion =
                (ended, status, result) -> {
                    ended.completion = completion;
                    attached += attaches && status == IoStatus.OK ? 1 : 0;
                    fencedOfNewest += !attaches && status == IoStatus.FENCED ? 1 : 0;
                    completion.complete(ended, status, result);
                };
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatAConnectionBringsThatWasGivenUpDisturbsTheNextOneInNothing(long seed) {
        Scene.play(
                seed,
                5,
                new Scheme(2),
                counting,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    SimulatedNode owner = scene.owner();
                    SimulatedNode other = scene.cluster.node(1 + owner.id() % 5);
                    long before = attached;
                    scene.cluster.network().cut(owner.host(), other.host());
                    scene.cluster.runFor(CUT_MS);
                    fencedOfNewest = 0;
                    scene.cluster.network().heal(owner.host(), other.host());
                    scene.cluster.runFor(LATE_MS);
                    assertEquals(owner, scene.owner());
                    assertTrue(attached > before);
                    assertEquals(0, fencedOfNewest);
                });
    }
}

package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.node.cluster.ClusterException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Waits until chunks have moved, and says how far they are. */
final class MovementWait {
    /** What is waited for. */
    enum Goal {
        /** The devices have left the cluster. */
        REMOVED,
        /** The devices are online, whatever slots they have left before, and nothing moves. */
        SETTLED
    }

    private static final long LOOK_MS = 300;
    private static final long SAY_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

    private final Api api;
    private final Progress progress;
    private final List<String> leaving = new ArrayList<>();
    private String said = "";
    private long saidNs = System.nanoTime();

    MovementWait(Api api, Progress progress) {
        this.api = api;
        this.progress = progress;
    }

    /**
     * @throws ClusterException if it will never come about
     * @throws ApiException if the cluster has not answered for a minute
     */
    void await(List<String> ids, Goal goal) throws InterruptedException {
        long answeredNs = System.nanoTime();
        while (true) {
            try {
                JsonNode devices = Views.items(api.get("/devices"), "devices");
                JsonNode volumes = Views.items(api.get("/volumes"), "volumes");
                if (goal == Goal.REMOVED
                        ? areRemoved(ids, devices)
                        : settled(ids, devices, volumes)) {
                    return;
                }
                say(volumes);
                answeredNs = System.nanoTime();
            } catch (ApiException e) {
                if (System.nanoTime() - answeredNs > PATIENCE_NS) {
                    throw e;
                }
            }
            Thread.sleep(LOOK_MS);
        }
    }

    private boolean areRemoved(List<String> ids, JsonNode devices) {
        boolean removed = true;
        for (JsonNode device : devices) {
            String id = device.path("id").asText();
            if (!ids.contains(id)) {
                continue;
            }
            switch (device.path("state").asText()) {
                case "removed", "unplaced" -> {}
                case "draining", "failed" -> {
                    leaving.add(id);
                    removed = false;
                }
                default -> {
                    if (leaving.contains(id)) {
                        throw new ClusterException("device " + id + " is kept");
                    }
                    removed = false;
                }
            }
        }
        return removed;
    }

    private static boolean settled(List<String> ids, JsonNode devices, JsonNode volumes) {
        Set<String> there = new HashSet<>();
        Set<String> online = new HashSet<>();
        for (JsonNode device : devices) {
            String id = device.path("id").asText();
            there.add(id);
            if (device.path("state").asText().equals("online")) {
                online.add(id);
            }
        }
        there.retainAll(ids); // one that was replaced meanwhile is waited for no more
        if (!online.containsAll(there)) {
            return false;
        }
        for (JsonNode volume : volumes) {
            if (volume.path("movement").isObject()) {
                return false;
            }
        }
        return true;
    }

    /** Once for each percent, and once in a while when that takes long. */
    private void say(JsonNode volumes) {
        StringBuilder steps = new StringBuilder();
        List<String> sentences = new ArrayList<>();
        for (JsonNode volume : volumes) {
            JsonNode movement = volume.path("movement");
            String name = volume.path("name").asText();
            if (movement.isObject()) {
                steps.append(name).append(movement.path("percent").asInt()).append(' ');
                sentences.add("volume %s: %s".formatted(name, Views.movement(movement)));
            }
            if (!volume.path("behindSlots").isEmpty()) {
                steps.append(name).append(volume.path("behindSlots"));
                sentences.add("volume %s: %s behind".formatted(name, Views.behind(volume)));
            }
        }
        long nowNs = System.nanoTime();
        if (!sentences.isEmpty() && (!steps.toString().equals(said) || nowNs - saidNs >= SAY_NS)) {
            said = steps.toString();
            saidNs = nowNs;
            sentences.forEach(progress::say);
        }
    }
}

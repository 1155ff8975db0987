package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.node.cluster.ClusterNode;
import io.stria.runtime.Sizes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which waiting devices of a node take the places of those that it has no more. */
final class LostDevices {
    /** Away, or taken for lost after a while and rebuilt elsewhere: its slot can be taken again. */
    private static final List<String> GONE = List.of("unavailable", "removed");

    /** A lost device, its slot, and the device that takes it. */
    record Pair(String lost, int slot, String by) {}

    private final List<Pair> pairs = new ArrayList<>();
    private final List<String> leftOver = new ArrayList<>();

    /**
     * @param node as the cluster's file has it now
     * @param devices as REST lists them
     */
    LostDevices(ClusterNode node, JsonNode devices) {
        // A device in memory that is away does not come back.
        List<String> had =
                node.devices().stream()
                        .filter(device -> device.kind().isKept())
                        .map(device -> device.id().toString())
                        .toList();
        List<JsonNode> lost = new ArrayList<>();
        List<JsonNode> waiting = new ArrayList<>();
        // One that was given up, and is back, has its slot until others have what it held.
        Set<String> leaving = new HashSet<>();
        for (JsonNode device : devices) {
            if (device.path("state").asText().equals("failed")) {
                leaving.add(device.path("id").asText());
            }
        }
        for (JsonNode device : devices) {
            String state = device.path("state").asText();
            if (device.path("node").asInt() != node.id()
                    || state.equals("unplaced") && leaving.contains(device.path("id").asText())) {
                continue;
            }
            if (state.equals("unplaced")) {
                waiting.add(device);
            } else if (GONE.contains(state) && !had.contains(device.path("id").asText())) {
                lost.add(device);
            }
        }
        // The smallest first, so that no large one is taken where a small one does.
        lost.sort(Comparator.comparingLong(LostDevices::size));
        waiting.sort(Comparator.comparingLong(LostDevices::size));
        lost.forEach(device -> pair(device, waiting));
        waiting.forEach(device ->
                leftOver.add(
                        "device %s waits for a slot: `stria device add` gives it one"
                                .formatted(device.path("id").asText())));
    }

    private void pair(JsonNode device, List<JsonNode> waiting) {
        for (JsonNode other : waiting) {
            if (size(other) >= size(device)) {
                waiting.remove(other);
                pairs.add(
                        new Pair(
                                device.path("id").asText(),
                                device.path("slot").asInt(),
                                other.path("id").asText()));
                return;
            }
        }
        leftOver.add(
                "no device of %s waits for slot %d, whose device %s is lost"
                        .formatted(
                                Sizes.format(size(device)),
                                device.path("slot").asInt(),
                                device.path("id").asText()));
    }

    private static long size(JsonNode device) {
        return device.path("sizeBytes").asLong();
    }

    List<Pair> pairs() {
        return List.copyOf(pairs);
    }

    /** Sentences about devices that have no partner. */
    List<String> leftOver() {
        return List.copyOf(leftOver);
    }
}

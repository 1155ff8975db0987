package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.node.cluster.ClusterException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Finds the device that a person means by the beginning of its id. */
final class DeviceIds {
    private final JsonNode devices;

    private DeviceIds(JsonNode devices) {
        this.devices = devices;
    }

    static DeviceIds of(Api api) {
        return new DeviceIds(Views.items(api.get("/devices"), "devices"));
    }

    List<String> find(List<String> beginnings) {
        return beginnings.stream().map(this::find).toList();
    }

    /**
     * @throws ClusterException if it is no device's or several devices'
     */
    String find(String beginning) {
        Set<String> found = new LinkedHashSet<>();
        for (JsonNode device : devices) {
            String id = device.path("id").asText();
            if (!beginning.isEmpty() && id.startsWith(beginning.toLowerCase(Locale.ROOT))) {
                found.add(id);
            }
        }
        if (found.size() == 1) {
            return found.iterator().next();
        }
        throw new ClusterException(
                found.isEmpty()
                        ? "there is no device '" + beginning + "'"
                        : "'%s' begins the ids of %d devices".formatted(beginning, found.size()));
    }

    /** All that can have a slot: what the one of a failed device held is rebuilt first. */
    List<String> waiting() {
        Set<String> waiting = inState("unplaced");
        waiting.removeAll(inState("failed"));
        return List.copyOf(waiting);
    }

    private Set<String> inState(String state) {
        Set<String> ids = new LinkedHashSet<>();
        for (JsonNode device : devices) {
            if (device.path("state").asText().equals(state)) {
                ids.add(device.path("id").asText());
            }
        }
        return ids;
    }
}

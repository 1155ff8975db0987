package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFile;

/**
 * What {@code up} says when the cluster is ready; the shape of the JSON stays: {@code dir,
 * clusterId, api, nodes} as of {@code node list}, {@code volumes} with {@code name, nqn, paths} as
 * of {@code volume connect}. Where it fails, {@code dir, failure} with a sentence.
 */
record UpResult(ObjectNode json) {
    static UpResult of(ClusterDirectory directory, ClusterFile cluster, Api api) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("dir", directory.path().toString());
        json.put("clusterId", cluster.clusterId().toString());
        json.put("api", cluster.nodes().getFirst().api());
        json.set("nodes", Views.items(api.get("/nodes"), "nodes"));
        var volumes = json.putArray("volumes");
        for (JsonNode volume : Views.items(api.get("/volumes"), "volumes")) {
            String name = volume.path("name").asText();
            ObjectNode entry = volumes.addObject().put("name", name);
            entry.setAll((ObjectNode) api.get("/volumes/" + Api.segment(name) + "/connect"));
        }
        return new UpResult(json);
    }

    static ObjectNode failed(ClusterDirectory directory, String why) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("dir", directory.path().toString())
                .put("failure", why);
    }

    String forPeople() {
        StringBuilder text = new StringBuilder();
        text.append("%nREST: %s/api/v1%n".formatted(json.path("api").asText()));
        for (JsonNode volume : json.path("volumes")) {
            text.append("%nVolume %s, on a Linux host:%n".formatted(volume.path("name").asText()));
            Views.connect(volume)
                    .lines()
                    .forEach(line -> text.append("  ").append(line).append('\n'));
        }
        return text.append('\n').toString();
    }
}

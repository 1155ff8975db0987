package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.node.cluster.ClusterException;
import picocli.CommandLine.Option;

/** Whether a node may be stopped, asked before that is done. */
final class StopQuestion {
    @Option(
            names = "--even-if-data-waits",
            description = "Also if blocks wait meanwhile, or nobody says whether they do.")
    private boolean anyway;

    /**
     * @param sentence what is not done, such as "node 3 is not stopped"
     * @throws ClusterException if it may not, or nobody can tell, and that was not allowed for
     */
    void ask(Api api, int node, String sentence) {
        if (anyway) {
            return;
        }
        String refused;
        try {
            JsonNode check = check(api, node);
            refused = check.path("ok").asBoolean() ? "" : Views.text(check, "reason");
        } catch (ApiException e) {
            refused = "nobody says whether it may be: " + e.getMessage();
        }
        if (!refused.isEmpty()) {
            throw new ClusterException(
                    "%s: %s (--even-if-data-waits does it)".formatted(sentence, refused));
        }
    }

    /** As a node answers that knows a leader, if there is one: none else says yes. */
    static JsonNode check(Api api, int node) {
        return api.getFirst(
                "/nodes/" + node + "/ok-to-stop", answer -> answer.path("ok").asBoolean());
    }
}

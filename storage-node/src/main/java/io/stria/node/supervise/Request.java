package io.stria.node.supervise;

import java.util.List;

/**
 * What a supervisor is asked, one line of JSON.
 *
 * @param node 0 where none is meant
 */
record Request(String token, Word word, int node) {
    enum Word {
        LIST,
        START,
        STOP
    }

    /**
     * @param error empty when it was done
     */
    record Answer(String error, List<NodeStatus> nodes) {
        Answer {
            nodes = List.copyOf(nodes);
        }
    }
}
